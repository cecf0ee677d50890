// Tests of the lines of a transcript: what was heard, what was cut, what never left us.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PublicEntry } from '../call/public-view.ts';
import type { Happened } from './detail.ts';
import { linesOf } from './transcript-lines.ts';

const bot = (text: string, more: Partial<PublicEntry> = {}): PublicEntry => ({
  timestamp: 1,
  speaker: 'bot',
  text,
  isFinal: true,
  heard: true,
  ...more,
});
const happened = (event: Happened['event']): Happened => ({ key: event.kind, at: 1, event });

function shown(entry: PublicEntry, events: readonly Happened[] = []): string {
  const [line] = linesOf([entry], events);
  return `${line?.heard}|${line?.cut}|${line?.note}`;
}

describe('A line of the transcript', () => {
  it('is plain when it was heard, while it is spoken, and when the caller said it', () => {
    assert.equal(shown(bot('All well.')), 'All well.||');
    assert.equal(shown({ timestamp: 1, speaker: 'bot', text: 'Still', isFinal: false }), 'Still||');
    assert.equal(shown({ timestamp: 1, speaker: 'user', text: 'Hello', isFinal: true }), 'Hello||');
  });

  it('is struck through when nobody heard it', () => {
    assert.equal(shown(bot('Too late.', { heard: false })), '|Too late.|not heard');
  });

  it('shows what was heard, and strikes through what was still to come', () => {
    const cut = happened({ kind: 'utteranceCut', utteranceId: 'u1', heard: 'On Saturdays it' });
    const said = happened({ kind: 'agentSaid', turn: 1, text: 'On Saturdays it opens at ten.' });
    const entry = bot('On Saturdays it', { heard: false });
    assert.equal(shown(entry, [said, cut]), 'On Saturdays it|opens at ten.|interrupted');
    assert.equal(shown(entry, [cut]), 'On Saturdays it||interrupted');
  });

  it('knows what a voice model was interrupted in', () => {
    const cut = happened({ kind: 'modelSaid', text: 'It opens', isCut: true });
    assert.equal(shown(bot('It opens', { heard: false }), [cut]), 'It opens||interrupted');
  });
});
