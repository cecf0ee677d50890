// Deadline: how long each named wait lasts and why. No call is ever without one while it is open.
import { type Call, carrierGathers, type DeadlineName, type Resting, type Utterance } from './call.ts';

/** What each deadline is for; printed into docs/states.md. */
export const deadlineReasons: Readonly<Record<DeadlineName, string>> = {
  answer: 'the phone rang long enough; nobody answers',
  maxDuration: 'the call lasted as long as it may; a goodbye, then we hang up',
  played: 'what we said must be over by now even if the carrier never told us',
  silence: 'the caller says nothing: ask again, at last say goodbye',
  keys: 'the caller pressed no further key: what was pressed is told as one message',
  filler: 'the caller waits for an answer: say a short true sentence',
  reply: 'the agent took too long: apologise and listen',
  transcript: 'a "continue" waited long enough for words',
  notifyHangup: 'the message was heard; a short pause, then hang up',
  hangup: 'the carrier has not confirmed the hang-up: say it again',
  stream: 'the media stream did not connect, or broke and did not come back: the carrier speaks for us',
  retell: 'the carrier could not take an instruction just then: say it again',
};

/** Ring time is the carrier's to keep; ours only catches a carrier that forgets, this much later. */
export const ANSWER_GRACE_MS = 15_000;
/** Room for the goodbye inside maxDuration, whose end the carrier enforces on its own. */
export const GOODBYE_MS = 8_000;
/** Calls shorter than this get no spoken goodbye at maxDuration: there would be no call left. */
export const SHORT_CALL_MS = 30_000;
/** How long a caller may say nothing before we ask again. */
export const SILENCE_MS = 10_000;
/** A carrier that asks reports silence itself; ours only catches a lost report, this much later. */
export const SILENCE_GRACE_MS = 20_000;
/** How often a silent caller is asked before the goodbye. */
export const MAX_SILENCES = 2;
/** 2 s of nothing is where callers begin to talk again; the first filler comes before. */
export const FIRST_FILLER_MS = 1_800;
export const NEXT_FILLER_MS = 6_000;
/** Nobody who types a number on a telephone pauses longer than this between two keys. */
export const KEYS_PAUSE_MS = 1_500;
/** A key that was overtaken on its way to us is not later than this. */
export const KEYS_LATE_MS = 700;
/** A person driving a call by hand thinks longer than an agent. */
export const DRIVER_FILLER_MS = 8_000;
/** How long a carrier may take to confirm a hang-up before we repeat it; doubles with each repetition. */
export const HANGUP_CONFIRM_MS = 3_000;
/** After so many hang-ups (waiting 3+6+12+24 s) the call is closed on our side: never a zombie. */
export const MAX_HANGUPS = 4;
/** How long a carrier may take to connect a media stream; longer, and it speaks for us instead. */
export const STREAM_WITHIN_MS = 5_000;
/** How long a broken stream may be away: less than what a caller takes for a dead line. */
export const STREAM_GRACE_MS = 2_000;
/** A caller who went on before our answer began has this long to be understood; then we ask them to say it again. */
export const RESUMED_MS = 6_000;
/** A voice model may be saying something of its own first, and may break at it. */
const MODEL_TURN_MS = 15_000;
/** How long a speech provider may take for its first sound, and the clip that is played when it fails. */
export const SYNTHESIS_MS = 8_000;
export const CLIP_MS = 8_000;
/** Pauses before an instruction is repeated; after the last one the call is ended. */
export const RETELL_MS: readonly number[] = [250, 750, 2_000, 4_000];

/** A receipt is not later than this after the slowest voice is through. */
const RECEIPT_MS = 2_000;

const CJK = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;

/** An upper estimate of how long a voice takes to say `text`, ms: slow speech, so that no prompt is ever cut. */
export function speechMs(text: string): number {
  let ms = 1_000;
  for (const letter of text) {
    if (CJK.test(letter)) ms += 320;
    else if (letter >= '0' && letter <= '9') ms += 450;
    else ms += 90;
  }
  return ms;
}

/** How long pressing keys takes, ms: a tone and a gap for each key, half a second for each `w`. */
export function digitsMs(digits: string): number {
  return 1_000 + digits.length * 500;
}

/** How long our own voice may take until it gives up by itself, which must come first; a model may speak before. */
function synthesisMs({ settings: { voiceModel, tts } }: Call): number {
  const allowed = tts?.['timeoutMs'];
  const patience = typeof allowed === 'number' ? Math.max(SYNTHESIS_MS, allowed) : SYNTHESIS_MS;
  return voiceModel ? MODEL_TURN_MS : patience + CLIP_MS;
}

/**
 * When the `played` deadline of an utterance is due, by what comes after it. A caller who may answer is heard without
 * waiting for it; of keys a carrier that is told sends no receipt, so that nothing is won by waiting for one. Whoever
 * waits for the rest of an answer is not to wait long for a receipt that was lost; a last sentence is never cut.
 */
export function playedByMs(call: Call, utterance: Utterance, after: Resting['kind']): number {
  const ms = utterance.digits === null ? speechMs(utterance.text) : digitsMs(utterance.digits);
  // On a media stream what plays is followed frame by frame: this only catches what was lost all the same.
  if (call.stream !== null) return 2 * ms + 10_000 + synthesisMs(call);
  const hasReceipt = utterance.digits === null || call.asks;
  if (after === 'listening' || !hasReceipt) return ms;
  // A carrier that asks comes back by itself when it is over.
  return after === 'thinking' && !call.asks ? ms + RECEIPT_MS : 2 * ms + 10_000;
}

export function silenceMs(call: Call): number {
  return carrierGathers(call) ? SILENCE_MS + SILENCE_GRACE_MS : SILENCE_MS;
}
