// Numbers: the phone numbers and applications of a Plivo account, as its REST API shows, makes and changes them.
import type { Body } from './order.ts';

export interface OwnedNumber {
  /** Digits only, as Plivo writes them. */
  readonly number: string;
  readonly voice_enabled: boolean;
  /** The address of its application; null: it has none. */
  readonly application: string | null;
}

export interface Application {
  readonly app_id: string;
  readonly app_name: string;
  readonly answer_url: string;
  readonly answer_method: string;
  readonly hangup_url: string;
  readonly hangup_method: string;
}

export interface NumbersAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const CHANGEABLE = ['app_name', 'answer_url', 'answer_method', 'hangup_url', 'hangup_method'];

export class Numbers {
  readonly #root: string;
  readonly #owned = new Map<string, OwnedNumber>();
  readonly #applications = new Map<string, Application>();

  constructor(authId: string) {
    this.#root = `/v1/Account/${authId}`;
  }

  /** The account owns this number from now on, answered by this application. */
  add(number: string, application: string | null = null, voice = true): void {
    const digits = number.replace(/^\+/, '');
    const address = application === null ? null : `${this.#root}/Application/${application}/`;
    this.#owned.set(digits, { number: digits, voice_enabled: voice, application: address });
  }

  /** Makes an application; returns its id. */
  addApplication(settings: Partial<Application> = {}): string {
    const app_id = String(2_037_263_121_278_278n + BigInt(this.#applications.size));
    const fresh = {
      app_name: 'my application',
      answer_url: 'https://s3.amazonaws.com/static.plivo.com/answer.xml',
    };
    const methods = { answer_method: 'GET', hangup_url: '', hangup_method: 'POST' };
    this.#applications.set(app_id, { app_id, ...fresh, ...methods, ...settings });
    return app_id;
  }

  /** The application that answers this number. */
  applicationOf(number: string): Application | undefined {
    const address = this.#owned.get(number.replace(/^\+/, ''))?.application ?? '';
    return this.#applications.get(address.split('/').at(-2) ?? '');
  }

  /** Undefined: the address is not about numbers, or about none there is. */
  answer(method: string, path: string, body: Body): NumbersAnswer | undefined {
    const [page = '', query = ''] = path.split('?', 2);
    const [, kind, id] = /^\/v1\/Account\/[^/]+\/(Number|Application)\/(?:([^/]+)\/)?$/.exec(page) ?? [];
    if (kind === 'Number') return id === undefined ? this.#list(query) : this.#number(method, id, body);
    if (kind !== 'Application') return undefined;
    if (id !== undefined) return this.#application(method, id, body);
    return method === 'POST' ? this.#make(body) : undefined;
  }

  #list(query: string): NumbersAnswer {
    const given = new URLSearchParams(query);
    const [limit, offset] = [Number(given.get('limit') ?? 20), Number(given.get('offset') ?? 0)];
    const all = [...this.#owned.values()];
    const next =
      offset + limit < all.length ? `${this.#root}/Number/?limit=${limit}&offset=${offset + limit}` : null;
    const meta = { limit, offset, next, previous: null, total_count: all.length };
    return { status: 200, body: { meta, objects: all.slice(offset, offset + limit) } };
  }

  #number(method: string, id: string, body: Body): NumbersAnswer | undefined {
    const number = this.#owned.get(id);
    if (!number) return undefined;
    if (method === 'GET') return { status: 200, body: { ...number } };
    const app = body['app_id'];
    if (typeof app !== 'string' || !this.#applications.has(app)) {
      return { status: 400, body: { error: 'app_id parameter is invalid' } };
    }
    this.#owned.set(id, { ...number, application: `${this.#root}/Application/${app}/` });
    return { status: 202, body: { message: 'changed' } };
  }

  #application(method: string, id: string, body: Body): NumbersAnswer | undefined {
    const application = this.#applications.get(id);
    if (!application) return undefined;
    if (method === 'GET') return { status: 200, body: { ...application } };
    this.#applications.set(id, { ...application, ...changesIn(body) });
    return { status: 202, body: { message: 'changed' } };
  }

  #make(body: Body): NumbersAnswer {
    const { app_name: name } = changesIn(body);
    const isTaken = [...this.#applications.values()].some(({ app_name }) => app_name === name);
    if (name === undefined || isTaken) {
      return { status: 400, body: { error: 'app_name is missing or already in use' } };
    }
    return { status: 201, body: { message: 'created', app_id: this.addApplication(changesIn(body)) } };
  }
}

function changesIn(body: Body): Partial<Application> {
  return Object.fromEntries(Object.entries(body).filter(([key]) => CHANGEABLE.includes(key)));
}
