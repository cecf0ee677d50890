// story: what happened on a twin's call, told in order, for the message of a failing test.
import { streamLines } from '../media/stream-story.ts';
import type { TwinCall } from './call.ts';
import type { Problem } from './ledger.ts';

export function tell(call: TwinCall, problems: readonly Problem[] = []): string {
  const told = [
    ...call.states.map(({ at, state }) => ({ at, text: `-- ${state}` })),
    ...call.requests.map(({ at, action, status }) => ({ at, text: `${action} -> ${status ?? 'no answer'}` })),
    ...call.hooks.map(({ at, type, attempt, status, failure }) => ({
      at,
      text: `${type} #${attempt} -> ${failure ?? status ?? 'pending'}`,
    })),
    ...call.streams.flatMap((stream) => streamLines(stream)),
    ...call.heard.map(({ from, text, cut }) => ({ at: from, text: `hears "${text}"${cut ? ' (cut)' : ''}` })),
    ...call.said.map(({ from, text, caught }) => ({
      at: from,
      text: `says "${text}"${caught ? '' : ' (unheard)'}`,
    })),
    ...problems
      .filter(({ callId }) => callId === call.id)
      .map(({ at, code, text }) => ({ at, text: `PROBLEM ${code} ${text}` })),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => `${((at - call.createdAt) / 1000).toFixed(3).padStart(9)}  ${text}`);
  const end = call.end ? `ended by the ${call.end.by}: ${call.end.cause}, ${call.end.why}` : 'still alive';
  return [`${call.direction} ${call.from} -> ${call.to}`, ...told, end].join('\n');
}
