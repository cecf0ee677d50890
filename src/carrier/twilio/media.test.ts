// Tests of media.ts: the frames of Twilio's Media Streams page, and ours, read by somebody else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaContract } from '../../../test/wire/media-contract.ts';
import { CALL_SID } from '../../../test/wire/twilio/samples.ts';
import { twilioMedia } from './media.ts';

const streamSid = 'MZ18ad3ab5a668481ce02b83e7395059f0';
const { read } = twilioMedia;

interface Start {
  readonly start?: object;
  readonly format?: object;
}

const started = ({ start, format }: Start = {}): string =>
  JSON.stringify({
    event: 'start',
    sequenceNumber: '1',
    start: {
      accountSid: 'AC0123456789abcdef0123456789abcdef',
      streamSid,
      callSid: CALL_SID,
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1, ...format },
      customParameters: { token: 'the-token' },
      ...start,
    },
    streamSid,
  });

mediaContract('Twilio', {
  codec: twilioMedia,
  voice: (payload, chunk) =>
    `{"event":"media","sequenceNumber":"${chunk + 1}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"5","payload":"${payload}"},"streamSid":"${streamSid}"}`,
  others: [
    '{"event":"connected","protocol":"Call","version":"1.0.0"}',
    started(),
    `{"event":"dtmf","streamSid":"${streamSid}","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}`,
    `{"event":"mark","sequenceNumber":"4","streamSid":"${streamSid}","mark":{"name":"my label"}}`,
    `{"event":"stop","sequenceNumber":"5","stop":{"accountSid":"AC0","callSid":"CA0"},"streamSid":"${streamSid}"}`,
  ],
  written({ event, streamSid: on, ...rest }, streamId) {
    assert.equal(on, streamId);
    const { media, mark } = rest as { media?: { payload: string }; mark?: { name: unknown } };
    if (event === 'media' && media) return { kind: 'audio', base64: media.payload };
    if (event === 'mark' && mark) return { kind: 'mark', name: mark.name };
    assert.deepEqual([event, rest], ['clear', {}]);
    return { kind: 'clear' };
  },
});

describe('a stream of Twilio', () => {
  const start = {
    kind: 'start',
    carrierCallId: CALL_SID,
    streamId: streamSid,
    token: 'the-token',
    isOurFormat: true,
  } as const;

  it('begins with the call, its own name and our token', () => {
    assert.deepEqual(read(started()), start);
    assert.deepEqual(read(started({ start: { streamSid: undefined } })), start);
  });

  it('has no token when none came back, or an odd one', () => {
    for (const customParameters of [undefined, null, {}, [], { token: '' }, { token: 7 }, 'token=x'])
      assert.deepEqual(read(started({ start: { customParameters } })), { ...start, token: null });
  });

  it('is not ours in any other format', () => {
    assert.deepEqual(read(started({ format: { sampleRate: '8000', channels: undefined } })), start);
    const others = [
      { encoding: 'audio/x-l16' },
      { encoding: null },
      { sampleRate: 16_000 },
      { sampleRate: '8k' },
      { channels: 2 },
    ];
    for (const format of others)
      assert.deepEqual(read(started({ format })), { ...start, isOurFormat: false }, JSON.stringify(format));
    assert.deepEqual(read(started({ start: { mediaFormat: 7 } })), { ...start, isOurFormat: false });
  });

  it('of no call, or without a name, is none', () => {
    for (const callSid of [undefined, null, '', 7]) assert.equal(read(started({ start: { callSid } })), null);
    assert.equal(read(`{"event":"start","start":{"callSid":"${CALL_SID}"}}`), null);
    assert.equal(read('{"event":"start","start":null}'), null);
  });

  it('brings keys, marks and its end', () => {
    assert.deepEqual(read('{"event":"dtmf","dtmf":{"digit":"#"}}'), { kind: 'digit', digit: '#' });
    for (const digit of [undefined, 1, '', '12', 'x'])
      assert.equal(read(JSON.stringify({ event: 'dtmf', dtmf: { digit } })), null);
    assert.deepEqual(read('{"event":"mark","mark":{"name":"u1:3"}}'), { kind: 'mark', name: 'u1:3' });
    assert.equal(read('{"event":"mark","mark":{"name":7}}'), null);
    assert.deepEqual(read('{"event":"stop"}'), { kind: 'stop' });
    assert.deepEqual(read('{"event":"connected"}'), { kind: 'ignored' });
  });

  it('counts its audio by numbers written as text, and goes on where there is no count', () => {
    const chunk = (value: unknown): number | null | undefined => {
      const message = read(JSON.stringify({ event: 'media', media: { chunk: value, payload: 'AAAA' } }));
      return message?.kind === 'audio' ? message.chunk : undefined;
    };
    assert.deepEqual([chunk('12'), chunk(12)], [12, 12]);
    for (const odd of [undefined, null, '', '0', 0, -1, 1.5, '1e3', 'x', {}]) assert.equal(chunk(odd), null);
  });

  it('says of itself what the engine must know', () => {
    const { carrier, mayReorder } = twilioMedia;
    assert.deepEqual([carrier, mayReorder], ['twilio', false]);
  });
});
