// FlowQuery: what the query of an address of ours says when a carrier comes back on it. A stranger may write it.

/** What every visited address may say; what stands there and is odd is null. */
export interface FlowVisit<Flow extends string> {
  readonly callId: string | null;
  readonly flow: Flow | null;
  readonly turn: number | null;
  readonly utteranceId: string | null;
}

/** The query of `path`; anything at all may stand there. */
export function queryOf(path: string): URLSearchParams {
  const [address = ''] = path.split('#', 1);
  const at = address.indexOf('?');
  return new URLSearchParams(at === -1 ? '' : address.slice(at + 1));
}

/** Reads `callId`, `flow` (one of `flows`), `turn` and `utterance`. */
export function readFlow<Flow extends string>(
  query: URLSearchParams,
  flows: readonly Flow[],
): FlowVisit<Flow> {
  const flow = query.get('flow');
  return {
    callId: query.get('callId') || null,
    flow: flows.find((known) => known === flow) ?? null,
    turn: numberIn(query.get('turn')),
    utteranceId: /^u[1-9]\d{0,8}$/.exec(query.get('utterance') ?? '')?.[0] ?? null,
  };
}

/** A plain whole number from 1; null for anything else. */
export function numberIn(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null;
}
