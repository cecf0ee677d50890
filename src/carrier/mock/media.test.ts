// Tests of media.ts: the wire of test phones, read and written by both its ends.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaContract } from '../../../test/wire/media-contract.ts';
import { mockFrames, mockMedia, readMockSound } from './media.ts';

const { read } = mockMedia;

mediaContract('The test phone', {
  codec: mockMedia,
  voice: (payload, chunk) =>
    `{"event":"media","media":{"track":"inbound","chunk":${chunk},"payload":"${payload}"}}`,
  others: [
    mockFrames.start('mock-1', 'the-token'),
    mockFrames.key('5'),
    mockFrames.words('Good morning.'),
    mockFrames.played('m1'),
    mockFrames.alive,
    mockFrames.stop,
  ],
  written: (frame) => {
    switch (frame['event']) {
      case 'media':
        return { kind: 'audio', base64: String(frame['payload']) };
      case 'mark':
        return { kind: 'mark', name: frame['name'] };
      case 'clear':
        return { kind: 'clear' };
      default:
        return assert.fail(JSON.stringify(frame));
    }
  },
});

describe('what a test phone writes', () => {
  it('is understood by the line', () => {
    const mulaw = Uint8Array.from({ length: 160 }, (_, at) => at);
    const audio = read(mockFrames.audio(mulaw, 7));
    assert.deepEqual(audio?.kind === 'audio' && [audio.chunk, [...audio.mulaw]], [7, [...mulaw]]);
    assert.deepEqual(read(mockFrames.start('mock-1', 't')), {
      kind: 'start',
      carrierCallId: 'mock-1',
      streamId: 'mock-1',
      token: 't',
      isOurFormat: true,
    });
    assert.deepEqual(read(mockFrames.key('#')), { kind: 'digit', digit: '#' });
    assert.deepEqual(read(mockFrames.words(' Yes. ')), { kind: 'words', text: 'Yes.' });
    assert.equal(read(mockFrames.words(' ')), null);
    assert.deepEqual(read(mockFrames.played('m1')), { kind: 'mark', name: 'm1' });
    assert.deepEqual(read(mockFrames.alive), { kind: 'ignored' });
    assert.deepEqual(read(mockFrames.stop), { kind: 'stop' });
  });
});

describe('what the line writes', () => {
  it('is understood by a test phone, and nothing else is', () => {
    const writer = mockMedia.writer('mock-1');
    const audio = readMockSound(writer.audio(new Uint8Array([1, 2, 3])));
    assert.deepEqual(audio?.kind === 'audio' && [...audio.mulaw], [1, 2, 3]);
    assert.deepEqual(readMockSound(writer.mark('u"1')), { kind: 'mark', name: 'u"1' });
    assert.deepEqual(readMockSound(writer.clear()), { kind: 'clear' });
    for (const other of ['', '{}', '{"event":"start"}']) assert.equal(readMockSound(other), null);
  });
});
