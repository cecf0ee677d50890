// Protocol: the messages between a test phone and us, as docs/test-phone.md has them. Binary frames are sound.
import type { PublicEntry, PublicTurn } from '../call/public-view.ts';
import { asFields, objectOf, textOf } from '../carrier/json.ts';

/** Who speaks and who understands; null: nobody. */
export interface SpeechInUse {
  readonly voice: string | null;
  readonly hearing: string | null;
  /** Both are embedded: nothing leaves this machine. */
  readonly isOffline: boolean;
}

export type FromPhone =
  /** `to` null: our own number. */
  | { readonly type: 'call'; readonly to: string | null }
  | { readonly type: 'answer' }
  | { readonly type: 'hangup' }
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'words'; readonly text: string }
  | { readonly type: 'played'; readonly mark: string };

export interface ReadyMessage {
  readonly type: 'ready';
  /** The telephone's own, E.164. */
  readonly number: string;
  /** False: words are typed and read. */
  readonly sound: boolean;
  readonly speech: SpeechInUse;
}

/** Where a test phone connects, as docs/test-phone.md says. */
export interface OpenedPhone extends Omit<ReadyMessage, 'type'> {
  /** Path and ticket, at the Gateway's own origin. */
  readonly url: string;
  /** Ms since the epoch. */
  readonly expiresAt: number;
}

export type ToPhone =
  | ReadyMessage
  | { readonly type: 'calling'; readonly callId: string }
  | { readonly type: 'ringing'; readonly callId: string; readonly from: string }
  | { readonly type: 'connected'; readonly callId: string; readonly sound: boolean }
  | { readonly type: 'mark'; readonly name: string }
  | { readonly type: 'clear' }
  | ({ readonly type: 'said'; readonly id: string } & PublicEntry)
  | { readonly type: 'state'; readonly state: FloorState }
  | ({ readonly type: 'turn' } & PublicTurn)
  | { readonly type: 'ended'; readonly callId: string; readonly reason: string; readonly cause: string }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly cure: string };

export type FloorState = 'speaking' | 'listening' | 'thinking' | 'idle';

/** Longer is nobody's sentence. */
const MAX_WORDS = 4_000;
/** Half a second of sound in one frame: a phone that was away catches up in less. */
export const MAX_SOUND_BYTES = 4_000;

/** What a phone says, or why it is none of these messages. Never throws. */
export function readFromPhone(text: string): FromPhone | { readonly why: string } {
  const fields = objectOf(text);
  switch (fields['type']) {
    case 'call':
      return { type: 'call', to: textOf(fields['to']) || null };
    case 'answer':
    case 'hangup':
      return { type: fields['type'] };
    case 'key': {
      const key = textOf(fields['key']).toUpperCase();
      return /^[0-9A-D*#]$/.test(key) ? { type: 'key', key } : { why: 'a key is one of 0-9, *, #, A-D' };
    }
    case 'words': {
      const words = textOf(fields['text']).trim();
      if (words === '' || words.length > MAX_WORDS) return { why: `words are 1 to ${MAX_WORDS} letters` };
      return { type: 'words', text: words };
    }
    case 'played': {
      const mark = textOf(fields['mark']);
      return mark === '' ? { why: '"played" names its mark' } : { type: 'played', mark };
    }
    default:
      return { why: 'its type is unknown' };
  }
}

/** What a phone was sent, for phones of our own: it comes from us, so only its type is looked at. Null: not ours. */
export function readToPhone(text: string): ToPhone | null {
  const message = objectOf(text);
  return typeof asFields(message)['type'] === 'string' ? (message as unknown as ToPhone) : null;
}
