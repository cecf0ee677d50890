// Numbers: the phone numbers a Twilio account owns and where their calls lead, as its REST API shows and changes them.
import type { Form } from './order.ts';

/** As the REST API writes it; what is not here is not simulated. */
export interface OwnedNumber {
  readonly sid: string;
  readonly phone_number: string;
  readonly friendly_name: string;
  readonly capabilities: { readonly voice: boolean; readonly sms: boolean };
  readonly voice_url: string;
  readonly voice_method: string;
  readonly voice_fallback_url: string;
  readonly voice_application_sid: string;
  readonly trunk_sid: string;
  readonly status_callback: string;
  readonly status_callback_method: string;
}

/** What Twilio sets for a number that was just bought. */
const FRESH = {
  capabilities: { voice: true, sms: true },
  voice_url: 'https://demo.twilio.com/welcome/voice/',
  voice_method: 'POST',
  voice_fallback_url: '',
  voice_application_sid: '',
  trunk_sid: '',
  status_callback: '',
  status_callback_method: 'POST',
} as const;

/** Parameters of an update, and the field each changes. */
const CHANGES: Readonly<Record<string, keyof OwnedNumber>> = {
  VoiceUrl: 'voice_url',
  VoiceMethod: 'voice_method',
  VoiceFallbackUrl: 'voice_fallback_url',
  VoiceApplicationSid: 'voice_application_sid',
  TrunkSid: 'trunk_sid',
  StatusCallback: 'status_callback',
  StatusCallbackMethod: 'status_callback_method',
};

export interface NumbersAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class Numbers {
  readonly #owned = new Map<string, OwnedNumber>();

  /** The account owns this number from now on. */
  add(number: string, settings: Partial<OwnedNumber> = {}): void {
    const sid = `PN${String(this.#owned.size + 1).padStart(32, '0')}`;
    this.#owned.set(number, { ...FRESH, sid, phone_number: number, friendly_name: number, ...settings });
  }

  get(number: string): OwnedNumber | undefined {
    return this.#owned.get(number);
  }

  /** Undefined: the address is not about numbers. `unknown` is told of every parameter that is none. */
  answer(
    question: { readonly method: string; readonly path: string; readonly query: string; readonly form: Form },
    unknown: (name: string) => void,
  ): NumbersAnswer | undefined {
    const match = /^\/2010-04-01\/Accounts\/[^/]+\/IncomingPhoneNumbers(?:\/([^/]+))?\.json$/.exec(
      question.path,
    );
    if (!match) return undefined;
    const [, sid] = match;
    if (sid === undefined) return question.method === 'GET' ? this.#list(question.query) : undefined;
    const number = [...this.#owned.values()].find((one) => one.sid === sid);
    if (!number) return undefined;
    return {
      status: 200,
      body: question.method === 'POST' ? this.#change(number, question.form, unknown) : number,
    };
  }

  #list(query: string): NumbersAnswer {
    const wanted = new URLSearchParams(query).get('PhoneNumber');
    // Twilio matches parts of numbers too.
    const found = [...this.#owned.values()].filter(
      ({ phone_number }) => wanted === null || phone_number.includes(wanted),
    );
    return {
      status: 200,
      body: { incoming_phone_numbers: found, page: 0, page_size: 50, next_page_uri: null },
    };
  }

  #change(number: OwnedNumber, form: Form, unknown: (name: string) => void): OwnedNumber {
    const changes: Record<string, string> = {};
    for (const [name, values] of Object.entries(form)) {
      const field = CHANGES[name];
      if (field === undefined) unknown(name);
      else changes[field] = values.at(-1) ?? '';
    }
    // A trunk and an application exclude each other.
    if (changes['trunk_sid']) changes['voice_application_sid'] = '';
    const changed = { ...number, ...changes };
    this.#owned.set(number.phone_number, changed);
    return changed;
  }
}
