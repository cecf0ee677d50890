// Ask: which question ("continue") somebody still waits to have answered, and what became of it.
import type { Call, Resting } from './call.ts';
import { withDeadlines } from './step.ts';

/** The id of the open question, or null. There is at most one at a time. */
export function pendingAsk(call: Call): string | null {
  const { floor } = call;
  const places: readonly Resting[] = [
    ...(floor.kind === 'speaking' ? [floor.after] : [floor]),
    ...call.queue.map((item) => item.after),
  ];
  for (const place of places) if (place.kind === 'listening' && place.askId !== null) return place.askId;
  return null;
}

/** The question that listening here would answer. */
export function askOf(place: Resting): string | null {
  return place.kind === 'listening' ? place.askId : null;
}

/** The open question gets its outcome: the caller's words, or null when none came. Nobody waits any more. */
export function settleAsk(call: Call, text: string | null): Call {
  const askId = pendingAsk(call);
  if (askId === null) return withDeadlines(call, { transcript: null });
  const { floor } = call;
  const free = <P extends Resting>(place: P): P =>
    place.kind === 'listening' ? { ...place, askId: null } : place;
  return {
    ...withDeadlines(call, { transcript: null }),
    answer: { askId, text },
    floor: floor.kind === 'speaking' ? { ...floor, after: free(floor.after) } : free(floor),
    queue: call.queue.map((item) => ({ ...item, after: free(item.after) })),
  };
}
