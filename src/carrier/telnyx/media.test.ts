// Tests of media.ts: the frames of Telnyx's media streaming page, and ours, read by somebody else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaContract } from '../../../test/wire/media-contract.ts';
import { CONTROL_ID } from '../../../test/wire/telnyx/samples.ts';
import { telnyxMedia } from './media.ts';

const stream_id = '32DE0DEA-53CB-4B21-89A4-9E1819C043BC';
const { read } = telnyxMedia;

const started = (start: object = {}, format: object = {}): string =>
  JSON.stringify({
    event: 'start',
    sequence_number: '1',
    start: {
      user_id: '3e6f995f-85f7-4705-9741-53b116d28237',
      call_control_id: CONTROL_ID,
      call_session_id: 'ff55a038-6f5d-11ef-9692-02420aeffb1f',
      from: '+13122010094',
      to: '+13122123456',
      tags: [],
      client_state: 'aGF2ZSBhIG5pY2UgZGF5ID1d',
      custom_parameters: { token: 'the-token' },
      media_format: { encoding: 'PCMU', sample_rate: 8000, channels: 1, ...format },
      ...start,
    },
    stream_id,
  });

mediaContract('Telnyx', {
  codec: telnyxMedia,
  voice: (payload, chunk) =>
    `{"event":"media","sequence_number":"${chunk + 2}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"5","payload":"${payload}"},"stream_id":"${stream_id}"}`,
  others: [
    '{"event":"connected","version":"1.0.0"}',
    started(),
    `{"event":"dtmf","stream_id":"${stream_id}","occurred_at":"2025-06-05T08:54:19.698408Z","sequence_number":"5","dtmf":{"digit":"1"}}`,
    `{"event":"mark","stream_id":"${stream_id}","sequence_number":"5","mark":{"name":"x"}}`,
    `{"event":"error","payload":{"code":100003,"title":"malformed_frame","detail":"x"},"stream_id":"${stream_id}"}`,
    `{"event":"stop","sequence_number":"5","stop":{"user_id":"x","call_control_id":"v2:x"},"stream_id":"${stream_id}"}`,
  ],
  written({ event, ...rest }) {
    const { media, mark } = rest as { media?: { payload: string }; mark?: { name: unknown } };
    if (event === 'media' && media) return { kind: 'audio', base64: media.payload };
    if (event === 'mark' && mark) return { kind: 'mark', name: mark.name };
    assert.deepEqual([event, rest], ['clear', {}]);
    return { kind: 'clear' };
  },
});

describe('a stream of Telnyx', () => {
  const start = {
    kind: 'start',
    carrierCallId: CONTROL_ID,
    streamId: stream_id,
    token: 'the-token',
    isOurFormat: true,
  } as const;

  it('begins with the call, its own name and our token, as fields or as the list we gave', () => {
    assert.deepEqual(read(started()), start);
    const list = [{ name: 'other', value: 'x' }, null, { name: 'token', value: 'the-token' }];
    assert.deepEqual(read(started({ custom_parameters: list })), start);
  });

  it('has no token when none came back, or an odd one', () => {
    for (const custom_parameters of [undefined, null, {}, [], [7], { token: '' }, { token: 7 }, 'token=x'])
      assert.deepEqual(read(started({ custom_parameters })), { ...start, token: null });
  });

  it('is not ours in any other format', () => {
    for (const format of [
      { encoding: 'L16' },
      { encoding: 'PCMA' },
      { sample_rate: 16_000 },
      { channels: 2 },
    ])
      assert.deepEqual(read(started({}, format)), { ...start, isOurFormat: false }, JSON.stringify(format));
  });

  it('of no call, or without a name, is none', () => {
    for (const call_control_id of [undefined, null, '', 7])
      assert.equal(read(started({ call_control_id })), null);
    assert.equal(read(started().replace('"stream_id"', '"id"')), null);
  });

  it('leaves keys to the webhook that comes for each, so that none counts twice', () => {
    assert.deepEqual(read('{"event":"dtmf","dtmf":{"digit":"1"}}'), { kind: 'ignored' });
  });

  it('complains in words that are safe to log', () => {
    const why = (payload: unknown): string | false => {
      const message = read(JSON.stringify({ event: 'error', payload }));
      return message?.kind === 'complaint' && message.why;
    };
    assert.equal(
      why({ code: 100003, title: 'malformed_frame', detail: '+15550001234' }),
      '100003 malformed_frame',
    );
    assert.equal(why({ code: '100005', title: 'rate limit' }), '100005 rate limit');
    for (const odd of [undefined, null, 7, {}, { code: 'x', title: 'a\nb' }, { title: 'x'.repeat(99) }])
      assert.equal(why(odd), 'no reason given');
  });

  it('brings marks and its end', () => {
    assert.deepEqual(read('{"event":"mark","mark":{"name":"u1:3"}}'), { kind: 'mark', name: 'u1:3' });
    assert.deepEqual(read('{"event":"stop"}'), { kind: 'stop' });
  });

  it('says of itself what the engine must know', () => {
    const { carrier, mayReorder } = telnyxMedia;
    assert.deepEqual([carrier, mayReorder], ['telnyx', true]);
  });
});
