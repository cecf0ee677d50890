// page: fetches one Plivo XML document for a call, or says with which cause the call ends for lack of one.
import { unlessAborted } from '../pause.ts';
import type { PlivoCall, World } from './call.ts';
import { type DocumentKind, type HangupCause, invalid, unreachable } from './causes.ts';
import type { HookKind } from './ledger.ts';
import type { Target } from './order.ts';
import { type Element, parsePlivoXml } from './plivo-xml.ts';
import type { Delivery } from './postman.ts';
import type { Params } from './signature.ts';

/** What the line fetches next. */
export interface Program extends Target {
  readonly kind: DocumentKind;
  readonly more: Params;
}

/** Drops the call: there is no document to follow. */
export class DocumentError extends Error {
  readonly reason: HangupCause;
  constructor(reason: HangupCause, why: string) {
    super(why);
    this.reason = reason;
  }
}

export interface Desk {
  readonly world: World;
  readonly call: PlivoCall;
}

const MOST_BYTES = 100 * 1024;

/** The elements of the document; from the fallback when the answer address has none. */
export async function openPage(
  desk: Desk,
  program: Program,
  signal: AbortSignal,
): Promise<readonly Element[]> {
  const { call } = desk;
  const first = await opened(desk, program, program.kind, signal);
  if (first.ok) return first.elements;
  if (program.kind !== 'answer' || !call.fallback) throw new DocumentError(first.reason, first.why);
  const target = { ...call.fallback, kind: program.kind, more: program.more };
  const second = await opened(desk, target, 'fallback', signal);
  if (second.ok) return second.elements;
  throw new DocumentError(second.reason, second.why);
}

type Opened =
  | { readonly ok: true; readonly elements: readonly Element[] }
  | { readonly ok: false; readonly reason: HangupCause; readonly why: string };

async function opened(desk: Desk, program: Program, hook: HookKind, signal: AbortSignal): Promise<Opened> {
  const { world, call } = desk;
  const { url, method, kind } = program;
  const params = call.params(program.more);
  const sending = world.postman.send({ url, method, kind: hook, callUuid: call.uuid, params });
  const delivery = await unlessAborted(sending, signal);
  const found = readPage(delivery, kind);
  if (found.ok) for (const fault of found.faults) world.ledger.problem('xml', fault, call.uuid);
  else if (delivery.ok || !delivery.byFault) world.ledger.problem(found.reason.code, found.why, call.uuid);
  return found;
}

function readPage(
  delivery: Delivery,
  kind: DocumentKind,
): (Opened & { readonly ok: false }) | (Opened & { readonly ok: true; readonly faults: readonly string[] }) {
  if (!delivery.ok) return { ok: false, reason: unreachable(kind), why: delivery.why };
  const { body, bytes, contentType } = delivery.answer;
  const not = (why: string): Opened & { readonly ok: false } => ({ ok: false, reason: invalid(kind), why });
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!['text/xml', 'application/xml'].includes(type)) return not(`the content type is "${type}"`);
  if (bytes.length > MOST_BYTES) return not('the document exceeds 100 KB');
  const document = parsePlivoXml(body);
  return document.ok ? document : not(document.why);
}
