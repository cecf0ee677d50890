// settings: how one Twilio twin is set up, and what each number means.

export interface TwinSettings {
  /** `AC` and 32 hex digits. */
  readonly accountSid: string;
  readonly authToken: string;
  /** API keys (`SK…` to secret) accepted beside the account's own credentials; they never sign. */
  readonly apiKeys: Readonly<Record<string, string>>;
  /** Numbers the account may call from; any well-formed number when absent. */
  readonly fromNumbers: readonly string[] | undefined;
  /** How long a synthesized voice needs per character. */
  readonly msPerChar: number;
  /** How long a person needs per character. */
  readonly personMsPerChar: number;
  /** From the create answer to `initiated`. */
  readonly dialDelayMs: number;
  /** From `initiated` to `ringing` (or busy, or failed). */
  readonly ringDelayMs: number;
  /** Silence after which speechTimeout="auto" takes speech as finished. */
  readonly autoSpeechEndMs: number;
  /** Length of a played file whose format does not tell it. */
  readonly playMs: number;
  /** One key tone with its gap. */
  readonly digitMs: number;
  /** From the answer to the verdict of answering machine detection. */
  readonly amdMs: number;
  /** Whether speech that starts while a Gather still plays its prompt interrupts it (bargeIn="false" always wins). */
  readonly speechBargeIn: boolean;
  /** The longest call in seconds; `TimeLimit` of a call can only shorten it. */
  readonly timeLimitS: number;
  /** What a hang-up of an ended call is answered with: real accounts have shown both. */
  readonly endedHangUp: '20404' | '21220';
  /** Sign https URLs with `:443` spelled out, as some edges do. */
  readonly signsDefaultPort: boolean;
}

export type TwinOptions = Partial<TwinSettings> & Pick<TwinSettings, 'accountSid' | 'authToken'>;

export function settingsOf(options: TwinOptions): TwinSettings {
  return {
    apiKeys: {},
    fromNumbers: undefined,
    msPerChar: 65,
    personMsPerChar: 65,
    dialDelayMs: 200,
    ringDelayMs: 300,
    autoSpeechEndMs: 1000,
    playMs: 2000,
    digitMs: 250,
    amdMs: 3000,
    speechBargeIn: true,
    timeLimitS: 14_400,
    endedHangUp: '20404',
    signsDefaultPort: false,
    ...options,
  };
}
