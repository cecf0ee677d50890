// routes: which resource of Plivo's API an address names, and what is asked of it.
import type { IncomingHttpHeaders } from 'node:http';
import type { RestAction } from './faults.ts';
import type { Body } from './order.ts';

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Body;
}

export interface Route {
  readonly action: RestAction;
  readonly authId: string;
  /** The UUID of a call or, to cancel it, of a request; '' for all calls. */
  readonly id: string;
  readonly query: URLSearchParams;
}

const ADDRESS = /^\/v1\/Account\/([^/]+)(?:\/(Call|Request)(?:\/([^/]+)(?:\/(DTMF|Speak))?)?)?\/?$/;

/** Method, and what is named: the account, all calls, a call, a request, or the keys or voice of a call. */
const ACTIONS: Readonly<Record<string, RestAction>> = {
  'GET account': 'account',
  'POST calls': 'create',
  'GET calls': 'status',
  'GET call': 'status',
  'POST call': 'transfer',
  'DELETE call': 'hangup',
  'DELETE request': 'cancel',
  'POST DTMF': 'dtmf',
  'POST Speak': 'speak',
  'DELETE Speak': 'speak',
};

export function routeOf({ method, path }: Question): Route | undefined {
  const [page = '', query = ''] = path.split('?', 2);
  const match = ADDRESS.exec(page);
  if (!match) return undefined;
  const [, authId = '', kind, id = '', part] = match;
  const action = ACTIONS[`${method} ${part ?? named(kind, id)}`];
  return action && { action, authId, id, query: new URLSearchParams(query) };
}

function named(kind: string | undefined, id: string): string {
  if (kind === undefined) return 'account';
  if (kind === 'Request') return id === '' ? 'requests' : 'request';
  return id === '' ? 'calls' : 'call';
}
