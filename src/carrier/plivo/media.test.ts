// Tests of media.ts: the frames of Plivo's audio streaming page, and ours, read by somebody else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaContract } from '../../../test/wire/media-contract.ts';
import { CALL_UUID } from '../../../test/wire/plivo/samples.ts';
import { plivoMedia } from './media.ts';

const streamId = 'b77e037d-4119-44b5-902d-25826b654539';
const { read } = plivoMedia;

const started = (start: object = {}, headers: unknown = 'userId=12345;token=the-token'): string =>
  JSON.stringify({
    event: 'start',
    sequenceNumber: 1,
    start: {
      callId: CALL_UUID,
      streamId,
      accountId: 'MAXXXXXXXXXXXXXXXXXX',
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000 },
      ...start,
    },
    extra_headers: headers,
  });
const voice = (payload: string, chunk: number): string =>
  `{"event":"media","sequenceNumber":${chunk + 1},"streamId":"${streamId}","media":{"track":"inbound","timestamp":"1705312200000","chunk":${chunk},"payload":"${payload}"},"extra_headers":"token=the-token"}`;

mediaContract('Plivo', {
  codec: plivoMedia,
  voice,
  others: [
    started(),
    `{"event":"dtmf","sequenceNumber":43,"streamId":"${streamId}","dtmf":{"track":"inbound","digit":"5","timestamp":"1705312200000"},"extra_headers":"token=x"}`,
    `{"event":"playedStream","sequenceNumber":44,"streamId":"${streamId}","name":"customer greeting audio"}`,
    `{"event":"clearedAudio","sequenceNumber":45,"streamId":"${streamId}"}`,
    `{"event":"stop","streamId":"${streamId}","reason":"x"}`,
  ],
  written({ event, streamId: on, name, ...rest }, id) {
    assert.equal(on, id);
    if (event === 'playAudio') {
      const { media } = rest as { media: { payload: string } };
      assert.deepEqual(media, { contentType: 'audio/x-mulaw', sampleRate: 8000, payload: media.payload });
      return { kind: 'audio', base64: media.payload };
    }
    assert.deepEqual(rest, {});
    if (event === 'checkpoint') return { kind: 'mark', name };
    assert.deepEqual([event, name], ['clearAudio', undefined]);
    return { kind: 'clear' };
  },
});

describe('a stream of Plivo', () => {
  const start = {
    kind: 'start',
    carrierCallId: CALL_UUID,
    streamId,
    token: 'the-token',
    isOurFormat: true,
  } as const;

  it('begins with the call, its own name and our token', () => {
    assert.deepEqual(read(started()), start);
    assert.deepEqual(
      read(started({ streamId: undefined }).replace('{', `{"streamId":"${streamId}",`)),
      start,
    );
  });

  it('has its token among headers written in any of the ways Plivo does', () => {
    for (const headers of [
      'token=the-token',
      'a=1,token=the-token',
      'a=1; token=the-token',
      { token: 'the-token' },
    ])
      assert.deepEqual(read(started({}, headers)), start, JSON.stringify(headers));
    assert.deepEqual(read(started({ extra_headers: 'token=the-token' }, null)), start);
  });

  it('has no token when none came back, or an odd one', () => {
    for (const headers of [null, '', 'a=1', 'token', 'token=', 'nottoken=x', 7, [], {}, { token: 7 }])
      assert.deepEqual(read(started({}, headers)), { ...start, token: null }, JSON.stringify(headers));
  });

  it('is not ours in any other format', () => {
    for (const mediaFormat of [
      { encoding: 'audio/x-l16', sampleRate: 8000 },
      { encoding: 'audio/x-mulaw' },
      null,
    ])
      assert.deepEqual(read(started({ mediaFormat })), { ...start, isOurFormat: false });
  });

  it('of no call, or without a name, is none', () => {
    for (const callId of [undefined, null, '', 7]) assert.equal(read(started({ callId })), null);
    assert.equal(read(started({ streamId: undefined })), null);
  });

  it('brings keys, marks under either name, clearings and its end', () => {
    assert.deepEqual(read('{"event":"dtmf","dtmf":{"digit":"5"}}'), { kind: 'digit', digit: '5' });
    for (const event of ['playedStream', 'played'])
      assert.deepEqual(read(JSON.stringify({ event, name: 'u1:3' })), { kind: 'mark', name: 'u1:3' });
    assert.equal(read('{"event":"playedStream","name":7}'), null);
    assert.deepEqual(read('{"event":"clearedAudio"}'), { kind: 'cleared' });
    assert.deepEqual(read('{"event":"stop","reason":"x"}'), { kind: 'stop' });
  });

  it('counts its audio by numbers, and text will do', () => {
    const chunk = (frame: string): number | null | undefined => {
      const message = read(frame);
      return message?.kind === 'audio' ? message.chunk : undefined;
    };
    assert.equal(chunk(voice('AAAA', 41)), 41);
    assert.equal(chunk(voice('AAAA', 41).replace('"chunk":41', '"chunk":"41"')), 41);
    assert.equal(chunk(voice('AAAA', 0)), null);
    assert.equal(chunk(voice('AAAA', 41).replace('"chunk":41', '"chunk":041')), undefined);
    assert.equal(chunk(voice('AAAA', 41).replace(',"extra_headers":"token=the-token"', '')), 41);
  });

  it('says of itself what the engine must know', () => {
    const { carrier, mayReorder } = plivoMedia;
    assert.deepEqual([carrier, mayReorder], ['plivo', false]);
  });
});
