// page: fetches one TwiML document for a call, from its URL, then from the fallback, or says what error that is.
import { unlessAborted } from '../pause.ts';
import type { TwinCall, World } from './call.ts';
import type { HookKind } from './ledger.ts';
import type { Target } from './order.ts';
import type { Delivery } from './postman.ts';
import type { Params } from './signature.ts';
import { type Element, parseTwiml } from './twiml.ts';

/** What the line runs next. */
export type Program =
  | ({ readonly kind: 'fetch'; readonly hook: HookKind; readonly more: Params } & Target)
  | { readonly kind: 'inline'; readonly twiml: string };

export interface Page {
  readonly verbs: readonly Element[];
  /** What relative URLs and a missing action refer to; none for inline TwiML. */
  readonly url: string | undefined;
}

/** Drops the call: "an application error has occurred". */
export class ApplicationError extends Error {
  readonly code: number;
  constructor(code: number, why: string) {
    super(why);
    this.code = code;
  }
}

export async function openPage(desk: Desk, program: Program, signal: AbortSignal): Promise<Page> {
  if (program.kind === 'inline') return read(desk, program.twiml, undefined);
  const fetched = await fetchTwiml(desk, program, signal);
  return read(desk, fetched.xml, fetched.url);
}

export interface Desk {
  readonly world: World;
  readonly call: TwinCall;
}

async function fetchTwiml(
  { world, call }: Desk,
  program: Extract<Program, { kind: 'fetch' }>,
  signal: AbortSignal,
): Promise<{ readonly xml: string; readonly url: string }> {
  const ask = (target: Target, hook: HookKind, more: Params): Promise<Delivery> =>
    unlessAborted(
      world.postman.send({ ...target, kind: hook, callSid: call.sid, params: call.params(more) }),
      signal,
    );
  const first = refuseOddTypes(await ask(program, program.hook, program.more));
  if (first.ok) return { xml: first.answer.body, url: first.url };
  if (!first.byFault) world.ledger.problem(first.code, first.why, call.sid);
  if (!call.fallback) throw new ApplicationError(first.code, first.why);
  const trouble: Params = [
    ['ErrorCode', `${first.code}`],
    ['ErrorUrl', program.url],
  ];
  const second = refuseOddTypes(await ask(call.fallback, 'fallback', trouble));
  if (second.ok) return { xml: second.answer.body, url: second.url };
  if (!second.byFault) world.ledger.problem(second.code, second.why, call.sid);
  throw new ApplicationError(second.code, second.why);
}

function refuseOddTypes(delivery: Delivery): Delivery {
  if (!delivery.ok) return delivery;
  const type = delivery.answer.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (['text/xml', 'application/xml'].includes(type)) return delivery;
  return { ok: false, code: 12300, why: `content type "${type}" from ${delivery.url}`, byFault: false };
}

function read({ world, call }: Desk, xml: string, url: string | undefined): Page {
  const document = parseTwiml(xml);
  if (!document.ok) {
    world.ledger.problem(12100, document.why, call.sid);
    throw new ApplicationError(12100, document.why);
  }
  for (const fault of document.faults) world.ledger.problem(12200, fault, call.sid);
  return { verbs: document.verbs, url };
}

/** Resolves a URL written in a document; inline TwiML must write absolute ones. */
export function resolveUrl(page: Page, written: string | undefined): string {
  const url = written === undefined || written === '' ? page.url : URL.parse(written, page.url)?.href;
  if (url === undefined) {
    throw new ApplicationError(11100, `"${written ?? ''}" in inline TwiML is not an absolute URL`);
  }
  return url;
}
