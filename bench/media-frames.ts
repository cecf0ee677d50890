// MediaFrames: frames of a media stream as a phone company's socket sends them, made once: masked, ready to be written.
import { readFileSync } from 'node:fs';
import type { Target } from './media-wire.ts';

const FRAME_BYTES = 160;
/** The key of a mask is any number; made once, it costs the receiver what any other does. */
const MASK = [0x37, 0xfa, 0x21, 0x3d];
/** Of 4.5 s half are speech and half are silence, as in a conversation. */
const SILENT_FRAMES = 225;
const SILENCE = 0xff;
const STREAM = 'MZ0123456789';

export function textFrame(text: string): Buffer {
  const { length } = Buffer.from(text);
  const head = length < 126 ? 2 : 4;
  const frame = Buffer.alloc(head + 4 + length);
  frame[0] = 0x81;
  frame[1] = 0x80 | Math.min(length, 126);
  if (head === 4) frame.writeUInt16BE(length, 2);
  frame.set(MASK, head);
  frame.write(text, head + 4);
  for (let i = 0; i < length; i++) frame[head + 4 + i] = (frame[head + 4 + i] ?? 0) ^ (MASK[i % 4] ?? 0);
  return frame;
}

/** What opens the WebSocket of a media stream; the key may be any. */
export function upgradeText(path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
    'sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
  );
}

/** Its first frame, as Twilio writes it. */
export function startFrame({ callSid, token }: Pick<Target, 'callSid' | 'token'>): Buffer {
  const start = {
    streamSid: STREAM,
    callSid,
    customParameters: { token },
    mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
  };
  return textFrame(JSON.stringify({ event: 'start', start, streamSid: STREAM }));
}

/** As Twilio writes it; its numbers do not matter to us. */
export function mediaFrame(payload: Uint8Array): Buffer {
  const base64 = Buffer.from(payload).toString('base64');
  return textFrame(
    `{"event":"media","sequenceNumber":"1234","media":{"track":"inbound","chunk":"1233","timestamp":"24640","payload":"${base64}"},"streamSid":"${STREAM}"}`,
  );
}

/** Recorded speech, if it is to be, and then silence, 20 ms each. */
export function voiceFrames(isTalking = true): readonly Uint8Array[] {
  const clip = speech();
  const voice: Uint8Array[] = [];
  for (let at = 0; isTalking && at + FRAME_BYTES <= clip.length; at += FRAME_BYTES)
    voice.push(clip.subarray(at, at + FRAME_BYTES));
  const silent = new Uint8Array(FRAME_BYTES).fill(SILENCE);
  return [...voice, ...new Array<Uint8Array>(SILENT_FRAMES).fill(silent)];
}

/** Mu-law at 8 kHz. */
export function speech(): Uint8Array {
  return readFileSync(new URL('../sim/media/clips/sentence.ulaw', import.meta.url));
}
