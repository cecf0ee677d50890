// story: what happened on a twin, told in order, and how long its people waited for answers.
import { streamLines } from '../media/stream-story.ts';
import type { TwinCall } from './call.ts';
import type { Problem } from './ledger.ts';

interface Line {
  readonly at: number;
  readonly text: string;
}

/** One line per event with its time since the call began, for the message of a failing test. */
export function tell(call: TwinCall, problems: readonly Problem[] = []): string {
  const lines: Line[] = [
    ...call.states.map(({ at, status }) => ({ at, text: `-- ${status}` })),
    ...call.requests.map(({ at, method, status }) => ({
      at,
      text: `REST ${method} -> ${status ?? 'no answer'}`,
    })),
    ...call.hooks.map((hook) => ({
      at: hook.at,
      text: `${hook.kind} ${hook.method} ${hook.url} -> ${hook.failure ?? hook.answer?.status ?? 'pending'}`,
    })),
    ...call.streams.flatMap((stream) => streamLines(stream)),
    ...call.heard.map(({ from, text, cut }) => ({ at: from, text: `hears "${text}"${cut ? ' (cut)' : ''}` })),
    ...call.said.map(({ from, text, caught }) => ({
      at: from,
      text: `says "${text}"${caught ? '' : ' (unheard)'}`,
    })),
    ...problems
      .filter(({ callSid }) => callSid === call.sid)
      .map(({ at, code, text }) => ({ at, text: `PROBLEM ${code} ${text}` })),
  ];
  const told = lines
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => `${((at - call.createdAt) / 1000).toFixed(3).padStart(9)}  ${text}`);
  const end = call.end ? `ended by the ${call.end.by}: ${call.end.why}` : 'still alive';
  return [`${call.direction} ${call.from} -> ${call.to}`, ...told, end].join('\n');
}

/** For everything the person said and the line caught: milliseconds until the person next heard a voice. */
export function answerGaps(call: TwinCall): readonly number[] {
  return call.said
    .filter(({ caught }) => caught)
    .map(({ to }) => call.heard.filter(({ from }) => from >= to).map(({ from }) => from - to))
    .flatMap((gaps) => (gaps.length === 0 ? [] : [Math.min(...gaps)]));
}
