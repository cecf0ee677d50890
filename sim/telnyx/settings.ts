// settings: how one Telnyx twin is set up, and what each number means.

export interface TwinSettings {
  readonly apiKey: string;
  /** The id of the Call Control application. */
  readonly connectionId: string;
  /** Numbers the account may call from; any well-formed number when absent. */
  readonly fromNumbers: readonly string[] | undefined;
  /** The application's own webhook address, for calls that name none. */
  readonly webhookUrl: string | undefined;
  readonly failoverUrl: string | undefined;
  /** How long a webhook may take to be answered. */
  readonly webhookTimeoutMs: number;
  /** Pauses before a webhook that failed is delivered again; after the last one it is given up. */
  readonly retriesMs: readonly number[];
  /** Every webhook is held for a different time up to this, so that they arrive out of order. */
  readonly jitterMs: number;
  /** Every webhook that was taken is delivered once more, half a second later. */
  readonly duplicates: boolean;
  /** How long a synthesized voice needs per character. */
  readonly msPerChar: number;
  /** How long a person needs per character. */
  readonly personMsPerChar: number;
  /** From the dial answer to `call.initiated`. */
  readonly dialDelayMs: number;
  /** From `call.initiated` to the ringing phone (or busy, or failed). */
  readonly ringDelayMs: number;
  /** Silence after which words are final. */
  readonly speechEndMs: number;
  /** One key tone with its gap. */
  readonly digitMs: number;
  /**
   * When it is the person's turn. `listen`: with each transcription_start, whether it begins or runs already, as soon
   * as nothing is being said. `speech`: with the end of everything that is said while a transcription runs.
   */
  readonly turnsBy: 'listen' | 'speech';
  /** How long a command id is remembered. */
  readonly commandIdMs: number;
  /** Outbound calls that may be in progress at once. */
  readonly channels: number;
}

export type TwinOptions = Partial<TwinSettings>;

export function settingsOf(options: TwinOptions): TwinSettings {
  return {
    apiKey: 'KEY-of-the-twin',
    connectionId: '7267000000000000001',
    fromNumbers: undefined,
    webhookUrl: undefined,
    failoverUrl: undefined,
    webhookTimeoutMs: 2000,
    retriesMs: [1000, 2000, 4000],
    jitterMs: 0,
    duplicates: false,
    msPerChar: 65,
    personMsPerChar: 65,
    dialDelayMs: 200,
    ringDelayMs: 300,
    speechEndMs: 700,
    digitMs: 250,
    turnsBy: 'listen',
    commandIdMs: 60_000,
    channels: 10,
    ...options,
  };
}
