// TurnProviders: the AI services of the turn bench in a thread of their own: each takes exactly as long as it is told.
import { parentPort } from 'node:worker_threads';
import { machineMs } from './figures.ts';
import {
  ANSWER,
  ANSWER_BYTE,
  type FromProviders,
  OTHER_BYTE,
  type Pace,
  SILENCE_BYTE,
  TOKENS,
  type ToProviders,
} from './turn-wire.ts';

const FRAME_MS = 20;
const BYTES_PER_MS = 8;
/** A voice says so many ms of sound a letter. */
const LETTER_MS = 65;
/** A service sends its sound in pieces of this length. */
const PIECE_MS = 200;
/** The transcriber understands something after so much voice. */
const PARTIAL_AFTER_MS = 200;

interface Ear {
  voiceMs: number;
  quietMs: number;
  words: number;
}

let pace: Pace = { endpointMs: 520, firstTokenMs: 200, tokenMs: 20, firstSoundMs: 150, speed: 10 };
const ears = new Map<string, Ear>();
/** Numbers of what is under way. */
const wanted = new Set<number>();

function tell(message: FromProviders, move: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, [...move]);
}

/** Counts time by the sound it hears, as a real one does. */
function hear(callId: string, mulaw: Uint8Array): void {
  const ear = ears.get(callId);
  if (!ear) return;
  if (mulaw[0] !== SILENCE_BYTE) {
    ear.voiceMs += FRAME_MS;
    ear.quietMs = 0;
    if (ear.voiceMs === PARTIAL_AFTER_MS) say('partial', callId, ear);
    return;
  }
  if (ear.voiceMs === 0) return;
  ear.quietMs += FRAME_MS;
  if (ear.quietMs < pace.endpointMs) return;
  if (ear.voiceMs >= PARTIAL_AFTER_MS) say('final', callId, ear);
  Object.assign(ear, { voiceMs: 0, quietMs: 0, words: ear.words + 1 });
}

function say(kind: 'partial' | 'final', callId: string, { words }: Ear): void {
  tell({ kind, callId, text: `Do you have rooms on day ${words}`, at: machineMs() });
}

/** Whatever the timers do, nothing adds up: each moment is counted from the question. */
function at(moment: number, run: () => void): void {
  setTimeout(run, Math.max(0, moment - machineMs()));
}

function ask(id: number): void {
  const askedAt = machineMs();
  let text = '';
  const token = (index: number): void => {
    if (!wanted.has(id)) return;
    text += TOKENS[index] ?? '';
    const isLast = index === TOKENS.length - 1;
    if (isLast) wanted.delete(id);
    tell({ kind: 'token', id, index, text, at: machineMs(), askedAt, isLast });
    if (!isLast) at(askedAt + pace.firstTokenMs + (index + 1) * pace.tokenMs, () => token(index + 1));
  };
  at(askedAt + pace.firstTokenMs, () => token(0));
}

function speak({ id, text, isWhole }: Extract<ToProviders, { kind: 'speak' }>): void {
  const askedAt = machineMs();
  const ms = text.length * LETTER_MS;
  const byte = ANSWER.includes(text) ? ANSWER_BYTE : OTHER_BYTE;
  const pieceMs = isWhole ? ms : PIECE_MS;
  const piece = (from: number): void => {
    if (!wanted.has(id)) return;
    const mulaw = new Uint8Array(Math.min(pieceMs, ms - from) * BYTES_PER_MS).fill(byte);
    const isLast = from + pieceMs >= ms;
    if (isLast) wanted.delete(id);
    tell({ kind: 'sound', id, mulaw, at: machineMs(), askedAt, isLast }, [mulaw.buffer]);
    if (!isLast) at(askedAt + pace.firstSoundMs + (from + pieceMs) / pace.speed, () => piece(from + pieceMs));
  };
  at(askedAt + pace.firstSoundMs + (isWhole ? ms / pace.speed : 0), () => piece(0));
}

parentPort?.on('message', (message: ToProviders) => {
  switch (message.kind) {
    case 'pace':
      pace = message.pace;
      break;
    case 'open':
      ears.set(message.callId, { voiceMs: 0, quietMs: 0, words: 1 });
      tell({ kind: 'ready', callId: message.callId });
      break;
    case 'hear':
      hear(message.callId, message.mulaw);
      break;
    case 'close':
      ears.delete(message.callId);
      break;
    case 'ask':
      wanted.add(message.id);
      ask(message.id);
      break;
    case 'speak':
      wanted.add(message.id);
      speak(message);
      break;
    case 'stop':
      wanted.delete(message.id);
      break;
  }
});
