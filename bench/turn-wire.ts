// TurnWire: what the threads of the turn bench tell each other. All times are `machineMs()`.

/** How fast the stand-in providers are, ms. */
export interface Pace {
  /** Silence of the caller until the transcriber's final words. */
  readonly endpointMs: number;
  /** From the question to the model's first token. */
  readonly firstTokenMs: number;
  readonly tokenMs: number;
  /** From the text to the first byte of sound. */
  readonly firstSoundMs: number;
  /** How many times faster than it sounds the rest is made. */
  readonly speed: number;
}

/** From our house to the providers. */
export type ToProviders =
  | { readonly kind: 'pace'; readonly pace: Pace }
  | { readonly kind: 'open'; readonly callId: string }
  | { readonly kind: 'hear'; readonly callId: string; readonly mulaw: Uint8Array }
  | { readonly kind: 'close'; readonly callId: string }
  | { readonly kind: 'ask'; readonly id: number }
  /** `isWhole`: gives the sound in one piece, when all of it is made. */
  | { readonly kind: 'speak'; readonly id: number; readonly text: string; readonly isWhole: boolean }
  /** What was asked or spoken under this id is not wanted any more. */
  | { readonly kind: 'stop'; readonly id: number };

/** From the providers; `at` when it was sent, `askedAt` when the question arrived. */
export type FromProviders =
  | { readonly kind: 'ready'; readonly callId: string }
  | {
      readonly kind: 'partial' | 'final';
      readonly callId: string;
      readonly text: string;
      readonly at: number;
    }
  | {
      readonly kind: 'token';
      readonly id: number;
      readonly index: number;
      readonly text: string;
      readonly at: number;
      readonly askedAt: number;
      readonly isLast: boolean;
    }
  | {
      readonly kind: 'sound';
      readonly id: number;
      readonly mulaw: Uint8Array;
      readonly at: number;
      readonly askedAt: number;
      readonly isLast: boolean;
    };

/** What the phone company starts with. */
export interface CarrierStart {
  readonly accountSid: string;
  readonly authToken: string;
}

/** To the phone company. */
export type ToCarrier =
  /** How long phones ring from now on, and whether who picks up talks or only listens. */
  | { readonly kind: 'people'; readonly ringMs: number; readonly doTalk: boolean }
  | { readonly kind: 'hangUp' };

/** Everything about one call, as the phone company saw it; times are when it was on our socket. */
export interface LineReport {
  readonly to: string;
  readonly startedAt: number;
  /** The first frame of the greeting. */
  readonly greetedAt: number | null;
  /** The first frame of each answer. */
  readonly answers: readonly number[];
  /** When the caller's voice began, and our `clear`, for each interruption. */
  readonly voices: readonly number[];
  readonly clears: readonly number[];
  /** How far from 20 ms frames were apart while we spoke, and how long the caller heard nothing in mid-answer. */
  readonly offBeat: readonly number[];
  readonly dry: readonly number[];
  /** When each frame of the caller was sent. */
  readonly sent: readonly number[];
  /** Times the caller gave up waiting for an answer, or for us to stop. */
  readonly misses: number;
}

/** From the phone company. */
export type FromCarrier =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'over'; readonly line: LineReport };

/** The first piece of an answer, which a voice can begin with. */
export const CLAUSE = 'Of course I can help you,';
const REST =
  ' just let me have a look. There are three rooms left on Friday, and the one with the large window costs ninety' +
  ' euros a night. Breakfast is included. Shall I book it for two nights, or would you like to hear about the others?';
/** What the model writes, in the form it is asked for. */
export const ANSWER = `{"spoken":"${CLAUSE}${REST}"}`;
/** Sixty tokens, as models cut: a blank belongs to the word behind it. */
export const TOKENS: readonly string[] = ANSWER.match(/\{"|spoken|":"|"\}| ?[\w']+|[^\w\s]/g) ?? [];
/** With this token it is certain that the clause is over: the first one behind it. */
export const PROOF = TOKENS.findIndex((_, index) =>
  TOKENS.slice(0, index + 1)
    .join('')
    .includes(`${CLAUSE} `),
);

/** Bytes of the sound of answers, and of everything else we say: the phone company knows them by sight. */
export const ANSWER_BYTE = 0x20;
export const OTHER_BYTE = 0x30;
/** Mu-law of nothing; a voice never has it as the first byte of a frame. */
export const SILENCE_BYTE = 0xff;
