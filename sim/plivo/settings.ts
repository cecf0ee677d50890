// settings: how one Plivo twin is set up, and what each number means.

export interface TwinSettings {
  /** `MA` or `SA` and 18 capitals and digits. */
  readonly authId: string;
  readonly authToken: string;
  /** Signs the `…-Ma-V3` header; the account's own token when absent, as on a main account. */
  readonly mainAuthToken: string | undefined;
  /** Numbers the account may call from, digits only or with `+`; any well-formed number when absent. */
  readonly fromNumbers: readonly string[] | undefined;
  /** How long a synthesized voice needs per character. */
  readonly msPerChar: number;
  /** How long a person needs per character. */
  readonly personMsPerChar: number;
  /** From the create answer to ringing (or busy, or failed). */
  readonly dialDelayMs: number;
  /** Silence after which speechEndTimeout="auto" takes speech as finished. */
  readonly autoSpeechEndMs: number;
  /** Pause after which digitEndTimeout="auto" takes keys as finished. */
  readonly autoDigitEndMs: number;
  /** Length of any played file. */
  readonly playMs: number;
  /** One key tone with its gap. */
  readonly digitMs: number;
  /** Whether speech that starts while a GetInput still plays its prompt interrupts it. */
  readonly speechBargeIn: boolean;
  /** The longest call in seconds when `time_limit` says nothing. */
  readonly timeLimitS: number;
  /** After so many transfers the next one ends the call as a loop. */
  readonly mostTransfers: number;
  /** How a form posted to an address without a query is signed: as the libraries expect it or as documented. */
  readonly signsAs: 'library' | 'documentation';
}

export type TwinOptions = Partial<TwinSettings> & Pick<TwinSettings, 'authId' | 'authToken'>;

export function settingsOf(options: TwinOptions): TwinSettings {
  return {
    mainAuthToken: undefined,
    fromNumbers: undefined,
    msPerChar: 65,
    personMsPerChar: 65,
    dialDelayMs: 500,
    autoSpeechEndMs: 1000,
    autoDigitEndMs: 2000,
    playMs: 2000,
    digitMs: 250,
    speechBargeIn: true,
    timeLimitS: 14_400,
    mostTransfers: 70,
    signsAs: 'library',
    ...options,
  };
}
