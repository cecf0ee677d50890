// Official: the parts of Plivo's own library that judge ours. Its types leave most of them out.
import { createRequire } from 'node:module';

type Attributes = Readonly<Record<string, string | number | null>>;

/** Builds Plivo XML; throws on elements and attributes it does not know. */
export interface OfficialResponse {
  addSpeak(text: string, attributes: Attributes): unknown;
  addGetInput(attributes: object): OfficialResponse;
  addDTMF(digits: string, attributes: Attributes): unknown;
  addRedirect(url: string, attributes: Attributes): unknown;
  addWait(attributes: Attributes): unknown;
  addStream(url: string, attributes: Attributes): unknown;
  addHangup(attributes: Attributes): unknown;
  toXML(): string;
}

/** The calls of its REST client that we send too. */
export interface OfficialClient {
  readonly calls: {
    create(from: string, to: string, answerUrl: string, optional: object): Promise<unknown>;
    transfer(callUuid: string, params: object): Promise<unknown>;
    hangup(callUuid: string): Promise<unknown>;
    cancel(requestUuid: string): Promise<unknown>;
    getLiveCall(callUuid: string): Promise<unknown>;
  };
  readonly applications: { update(id: string, params: object): Promise<unknown> };
}

interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly data?: string;
  readonly params?: object;
  readonly headers: { toJSON(): Readonly<Record<string, string>> };
}

const require = createRequire(import.meta.url);
const xml: { readonly Response: new () => OfficialResponse } = require('plivo/dist/utils/plivoxml.js');
const library: { readonly Client: new (authId: string, authToken: string) => OfficialClient } =
  require('plivo');
const axios: {
  readonly defaults: { adapter: unknown };
  getAdapter(name: 'http'): (config: OutgoingRequest) => Promise<unknown>;
} = createRequire(require.resolve('plivo'))('axios');

export function officialResponse(): OfficialResponse {
  return new xml.Response();
}

/** A client whose requests go nowhere but into `sent`; each is answered with `answer`. */
export function officialClient(
  account: { readonly authId: string; readonly authToken: string },
  answer: unknown,
  sent: OutgoingRequest[],
): OfficialClient {
  axios.defaults.adapter = (config: OutgoingRequest) => {
    sent.push(config);
    return Promise.resolve({ data: answer, status: 200, statusText: 'OK', headers: {}, config });
  };
  return new library.Client(account.authId, account.authToken);
}

/** A client that talks to `origin` instead of Plivo. */
export function officialClientAt(
  origin: string,
  account: { readonly authId: string; readonly authToken: string },
): OfficialClient {
  const send = axios.getAdapter('http');
  axios.defaults.adapter = (config: OutgoingRequest) =>
    send({ ...config, url: config.url.replace('https://api.plivo.com', origin) });
  return new library.Client(account.authId, account.authToken);
}

export type { OutgoingRequest };
