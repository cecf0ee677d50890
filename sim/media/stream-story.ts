// streamStory: what happened on a media stream, as lines for the story a failing test tells.
import type { MediaStream } from './stream.ts';

/** When it opened and ended, when the plugin cleared, and every mark with what became of it. */
export function streamLines(stream: MediaStream): readonly { readonly at: number; readonly text: string }[] {
  const { openedAt, clears, marks, end } = stream;
  return [
    ...(openedAt === undefined ? [] : [{ at: openedAt, text: 'stream opened' }]),
    ...clears.map((at) => ({ at, text: 'stream cleared' })),
    ...marks.map(({ at, name, echoedAt, wasCleared }) => {
      const fate =
        echoedAt === undefined ? 'not sent back' : `sent back after ${Math.round(echoedAt - at)} ms`;
      return { at, text: `mark ${name} ${fate}${wasCleared ? ' (cleared)' : ''}` };
    }),
    ...(end ? [{ at: end.at, text: `stream ended by the ${end.by}: ${end.why}` }] : []),
  ];
}
