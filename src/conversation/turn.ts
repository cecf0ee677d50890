// Turn: when the caller has said what they wanted to say. Pure: values in, values out, time is an argument.
// Two witnesses: the transcriber, who knows words but not when they end, and our own detector of the voice, which
// knows when but not what. Words are complete when the transcriber calls them final and the voice is silent.
import { areSounds, isBackchannel, soundsUnfinished } from './small-words.ts';

/** Final words in silence: a second final, or a voice that comes back, is still waited for, ms. */
const GRACE_MS = 120;
/** The voice has been silent so long that nothing more is waited for: the transcriber waited long enough, ms. */
const QUIET_MS = 300;
/** After `and`, `um` and the like the caller goes on, ms. */
const UNFINISHED_MS = 900;
/** How long a transcriber may take for its final words once the caller must have been silent for it, ms. */
const PROVIDER_GRACE_MS = 1_000;
/** A voice that sounds after final words may say words of which we know nothing yet, ms. */
const UNHEARD_MS = 400;
/** Without a word for so long, what sounds is no voice that speaks: a radio, a street, ms. */
const STUCK_VOICE_MS = 3_000;
/** The same for a transcriber that tells only what is final: it may just wait for a pause, ms. */
const STUCK_BLIND_MS = 6_000;
/** Who said something longer ago than this, and was not understood, does not wait for an answer to it any more, ms. */
const LONG_AGO_MS = 10_000;
/** `yes` that ends so long before we do is a listener's; later it may be the answer to what we ask, ms. */
const ANSWER_MS = 1_000;

export interface Turn {
  /** Final words, in order. */
  readonly finals: readonly string[];
  /** What the caller seems to say beyond them; empty when nothing. */
  readonly partial: string;
  readonly isSpeaking: boolean;
  readonly voiceStartAt: number | null;
  readonly voiceEndAt: number | null;
  /** When the transcriber last told anything of this turn. */
  readonly wordsAt: number | null;
  /** When it last told something final. */
  readonly finalAt: number | null;
  /** This transcriber tells what somebody is saying while they say it. */
  readonly hasPartials: boolean;
  readonly isOurVoiceOn: boolean;
  readonly ourVoiceOffAt: number | null;
  /** They began while we spoke, and have not stopped us. */
  readonly isUnderOurs: boolean;
  /** When the turn is over unless something happens before: the time of the next `tick`. */
  readonly dueAt: number | null;
}

export type TurnInput =
  | { readonly kind: 'voice'; readonly at: number; readonly isSpeaking: boolean }
  | { readonly kind: 'partial' | 'final'; readonly at: number; readonly text: string }
  /** We are being heard, or not any more. */
  | { readonly kind: 'ourVoice'; readonly at: number; readonly isOn: boolean }
  /** They stopped us: whatever they say was meant. */
  | { readonly kind: 'interrupted'; readonly at: number }
  | { readonly kind: 'tick'; readonly at: number };

export interface TurnEnd {
  readonly words: string;
  /** When the caller stopped speaking: by our detector, else when the words were told. */
  readonly speechEndAt: number;
  /** When the last of the words were told. */
  readonly transcriptAt: number;
}

export interface TurnSettings {
  /** How long a caller is silent before words that never became final are taken, ms. */
  readonly silenceTimeoutMs: number;
}

export const newTurn: Turn = {
  finals: [],
  partial: '',
  isSpeaking: false,
  voiceStartAt: null,
  voiceEndAt: null,
  wordsAt: null,
  finalAt: null,
  hasPartials: false,
  isOurVoiceOn: false,
  ourVoiceOffAt: null,
  isUnderOurs: false,
  dueAt: null,
};

/** The next state; `end` is set when the caller's turn is over: the next state then is a new turn. */
export function listen(
  turn: Turn,
  input: TurnInput,
  settings: TurnSettings,
): { readonly turn: Turn; readonly end: TurnEnd | null } {
  if (input.kind === 'tick') {
    if (turn.dueAt === null || input.at < turn.dueAt) return { turn, end: null };
    return over(turn);
  }
  const next = take(turn, input);
  return { turn: { ...next, dueAt: dueOf(next, settings) }, end: null };
}

/** They said something to us just now, and it is no turn yet: understood in part at most. */
export function isUnheard(turn: Turn, at: number): boolean {
  const { voiceStartAt, voiceEndAt, wordsAt, isSpeaking, isUnderOurs } = turn;
  if (isUnderOurs || (voiceStartAt === null && isEmpty(turn))) return false;
  return isSpeaking || at - Math.max(voiceEndAt ?? 0, wordsAt ?? 0) < LONG_AGO_MS;
}

function take(turn: Turn, input: Exclude<TurnInput, { kind: 'tick' }>): Turn {
  switch (input.kind) {
    case 'voice':
      return input.isSpeaking ? voiceStarted(turn, input.at) : voiceStopped(turn, input.at);
    case 'partial':
      return input.text.trim() === ''
        ? turn
        : { ...begun(turn, input.at), partial: input.text.trim(), hasPartials: true };
    case 'final':
      return finalHeard(turn, input.text.trim(), input.at);
    case 'ourVoice':
      return { ...turn, isOurVoiceOn: input.isOn, ourVoiceOffAt: input.isOn ? null : input.at };
    case 'interrupted':
      return { ...turn, isUnderOurs: false };
  }
}

function voiceStarted(turn: Turn, at: number): Turn {
  const { isOurVoiceOn } = turn;
  const isUnderOurs = isEmpty(turn) ? isOurVoiceOn : turn.isUnderOurs && isOurVoiceOn;
  return { ...turn, isSpeaking: true, voiceStartAt: at, isUnderOurs };
}

function voiceStopped(turn: Turn, at: number): Turn {
  return turn.isSpeaking ? { ...turn, isSpeaking: false, voiceEndAt: at } : turn;
}

/** The first words of a turn whose voice our detector did not hear begin it. */
function begun(turn: Turn, at: number): Turn {
  const isNew = isEmpty(turn) && turn.voiceStartAt === null;
  return { ...turn, wordsAt: at, isUnderOurs: isNew ? turn.isOurVoiceOn : turn.isUnderOurs };
}

/** An empty final takes back the partial: it was no speech. */
function finalHeard(turn: Turn, text: string, at: number): Turn {
  const finals = text === '' ? turn.finals : [...turn.finals, text];
  return { ...begun(turn, at), finals, partial: '', finalAt: at };
}

function isEmpty({ finals, partial }: Turn): boolean {
  return finals.length === 0 && partial === '';
}

function dueOf(turn: Turn, settings: TurnSettings): number | null {
  const { wordsAt } = turn;
  if (isEmpty(turn) || wordsAt === null) return null;
  if (turn.isSpeaking) {
    const stuckMs = turn.hasPartials ? STUCK_VOICE_MS : STUCK_BLIND_MS;
    return Math.max(wordsAt, turn.voiceStartAt ?? wordsAt) + stuckMs;
  }
  const quietSince = turn.voiceEndAt ?? wordsAt;
  const lastAt = Math.max(quietSince, wordsAt);
  if (turn.partial !== '') {
    return Math.max(quietSince + settings.silenceTimeoutMs, wordsAt) + PROVIDER_GRACE_MS;
  }
  if (spokeSinceFinal(turn)) return lastAt + PROVIDER_GRACE_MS;
  if (soundsUnfinished(turn.finals.join(' '))) return Math.max(quietSince + UNFINISHED_MS, lastAt + GRACE_MS);
  return wordsAt - quietSince >= QUIET_MS ? lastAt : lastAt + GRACE_MS;
}

/** They went on after the last final words for longer than the transcriber is behind: more words must come. */
function spokeSinceFinal({ finalAt, voiceStartAt, voiceEndAt }: Turn): boolean {
  if (finalAt === null || voiceEndAt === null || voiceStartAt === null) return false;
  return voiceEndAt - Math.max(finalAt, voiceStartAt) >= UNHEARD_MS;
}

function over(turn: Turn): { readonly turn: Turn; readonly end: TurnEnd | null } {
  const words = [...turn.finals, turn.partial].filter((text) => text !== '').join(' ');
  const { isOurVoiceOn, ourVoiceOffAt, hasPartials } = turn;
  const next: Turn = { ...newTurn, isOurVoiceOn, ourVoiceOffAt, hasPartials };
  const wordsAt = turn.wordsAt ?? 0;
  const resumed: Turn = turn.isSpeaking
    ? { ...next, isSpeaking: true, voiceStartAt: turn.voiceStartAt }
    : next;
  if (meansNothing(turn, words)) return { turn: resumed, end: null };
  const speechEndAt = Math.min(
    turn.isSpeaking ? wordsAt : (turn.voiceEndAt ?? wordsAt),
    turn.dueAt ?? wordsAt,
  );
  return { turn: resumed, end: { words, speechEndAt, transcriptAt: wordsAt } };
}

/** A listener's `mhm` while we spoke, which did not stop us; `yes` shortly before our end may be an answer. */
function meansNothing(turn: Turn, words: string): boolean {
  if (!turn.isUnderOurs) return false;
  if (areSounds(words)) return true;
  const endAt = turn.voiceEndAt ?? turn.wordsAt ?? 0;
  const oursEndedAt = turn.isOurVoiceOn ? Number.POSITIVE_INFINITY : (turn.ourVoiceOffAt ?? 0);
  return isBackchannel(words) && oursEndedAt - endAt > ANSWER_MS;
}
