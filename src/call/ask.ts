// Ask: which question ("continue") somebody still waits to have answered.
import type { Call, Resting } from './call.ts';

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
