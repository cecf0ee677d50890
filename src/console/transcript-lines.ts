// TranscriptLines: the transcript as it is shown: of what we said, what was heard and what was not. Pure.
import type { PublicEntry } from '../call/public-view.ts';
import type { Happened } from './detail.ts';

export interface Line {
  readonly key: string;
  readonly at: number;
  readonly speaker: 'user' | 'bot';
  readonly isFinal: boolean;
  /** What was said, or heard of it. */
  readonly heard: string;
  /** What was not heard; empty when all was. */
  readonly cut: string;
  readonly note: '' | 'interrupted' | 'not heard';
}

export function linesOf(entries: readonly PublicEntry[], events: readonly Happened[]): readonly Line[] {
  const interruptions = heardOnly(events);
  return entries.map((entry, i) => {
    const { timestamp, speaker, text, isFinal } = entry;
    const line = { key: `${i}`, at: timestamp, speaker, isFinal, heard: text, cut: '', note: '' } as const;
    if (speaker === 'user' || !isFinal || entry.heard !== false) return line;
    // The record of what was interrupted has the words that were heard; of all else, what was to be said.
    if (!interruptions.has(text)) return { ...line, heard: '', cut: text, note: 'not heard' };
    return { ...line, cut: restOf(text, events), note: 'interrupted' };
  });
}

function heardOnly(events: readonly Happened[]): ReadonlySet<string> {
  const heard = events.flatMap(({ event }) => {
    const isCut = event.kind === 'utteranceCut' || (event.kind === 'modelSaid' && event['isCut'] === true);
    const words = event.kind === 'utteranceCut' ? event['heard'] : event['text'];
    return isCut && typeof words === 'string' && words !== '' ? [words] : [];
  });
  return new Set(heard);
}

/** What was still to come when the caller interrupted, as far as it is on record. */
function restOf(heard: string, events: readonly Happened[]): string {
  const whole = events.findLast(
    ({ event }) =>
      typeof event['text'] === 'string' && event['text'].startsWith(heard) && event['text'] !== heard,
  );
  return whole ? String(whole.event['text']).slice(heard.length).trim() : '';
}
