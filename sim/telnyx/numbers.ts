// Numbers: the phone numbers of a Telnyx account and its Call Control application, as REST shows and changes them.
import type { Fields } from './ledger.ts';

export interface OwnedNumber {
  readonly id: string;
  readonly phone_number: string;
  readonly status: string;
  readonly connection_id: string | null;
  readonly connection_name: string | null;
}

export interface Application {
  readonly application_name: string;
  readonly webhook_event_url: string;
  readonly webhook_api_version: string;
  readonly active: boolean;
  readonly outbound: Fields;
}

export interface NumbersAnswer {
  readonly status: number;
  readonly body: unknown;
}

const CHANGEABLE = ['application_name', 'webhook_event_url', 'webhook_api_version', 'active'];

export class Numbers {
  /** The one Call Control application of the account. */
  application: Application = {
    application_name: 'my application',
    webhook_event_url: 'https://example.com/webhooks',
    webhook_api_version: '2',
    active: true,
    outbound: { outbound_voice_profile_id: '1293384261075731499' },
  };
  readonly #connectionId: string;
  readonly #owned = new Map<string, OwnedNumber>();

  constructor(connectionId: string) {
    this.#connectionId = connectionId;
  }

  /** The account owns this number from now on; it leads nowhere unless told otherwise. */
  add(number: string, settings: Partial<OwnedNumber> = {}): void {
    const id = String(1_293_384_261_075_731_000n + BigInt(this.#owned.size + 1));
    const fresh = { status: 'active', connection_id: null, connection_name: null };
    this.#owned.set(number, { ...fresh, id, phone_number: number, ...settings });
  }

  get(number: string): OwnedNumber | undefined {
    return this.#owned.get(number);
  }

  /** Undefined: the address is not about numbers, or about none there is. */
  answer(
    { method, path, query }: { readonly method: string; readonly path: string; readonly query: string },
    body: Fields | undefined,
  ): NumbersAnswer | undefined {
    const [, kind, id] = /^\/v2\/(phone_numbers|call_control_applications)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (kind === 'phone_numbers' && id === undefined) return method === 'GET' ? this.#list(query) : undefined;
    if (kind === 'phone_numbers') return this.#number(method, id ?? '', body);
    return kind !== undefined && id === this.#connectionId ? this.#application(method, body) : undefined;
  }

  #list(query: string): NumbersAnswer {
    const given = new URLSearchParams(query);
    const digits = given.get('filter[phone_number]');
    const connection = given.get('filter[connection_id]');
    const found = [...this.#owned.values()].filter(
      (one) =>
        // Whoever writes anything but digits finds nothing.
        (digits === null || (/^\d{3,}$/.test(digits) && one.phone_number.includes(digits))) &&
        (connection === null || one.connection_id === connection),
    );
    const meta = { total_pages: 1, total_results: found.length, page_number: 1, page_size: 250 };
    return { status: 200, body: { data: found, meta } };
  }

  #number(method: string, id: string, body: Fields | undefined): NumbersAnswer | undefined {
    const number = [...this.#owned.values()].find((one) => one.id === id);
    if (!number) return undefined;
    if (method !== 'PATCH') return { status: 200, body: { data: number } };
    const connection = body?.['connection_id'];
    const isOurs = connection === this.#connectionId;
    const changed = {
      ...number,
      connection_id: typeof connection === 'string' ? connection : number.connection_id,
      connection_name: isOurs ? this.application.application_name : number.connection_name,
    };
    this.#owned.set(number.phone_number, changed);
    return { status: 200, body: { data: changed } };
  }

  #application(method: string, body: Fields | undefined): NumbersAnswer {
    const id = this.#connectionId;
    if (method === 'PATCH') {
      const missing = ['application_name', 'webhook_event_url'].filter((key) => !body?.[key]);
      if (missing.length > 0) {
        const error = { code: '10004', title: 'Missing required parameter', detail: missing.join(', ') };
        return { status: 422, body: { errors: [error] } };
      }
      const known = Object.entries(body ?? {}).filter(([key]) => CHANGEABLE.includes(key));
      this.application = { ...this.application, ...Object.fromEntries(known) };
    }
    return {
      status: 200,
      body: { data: { id, record_type: 'call_control_application', ...this.application } },
    };
  }
}
