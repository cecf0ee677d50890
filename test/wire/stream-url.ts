// StreamUrl: where the media streams of the sample calls connect to.
import type { StreamUrl } from '../../src/carrier/carrier.ts';

/** The address and the token name the stream, so that a test can tell which one it was. */
export const streamUrl: StreamUrl = (callId, n, expiresAt) => {
  const token = `${callId}.${n}.${expiresAt}.c2lnbmVk_-`;
  return { url: `wss://voice.example.test/voice/stream/${token}`, token };
};
