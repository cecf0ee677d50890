// Stories of a person who calls the agent from a terminal.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placeRequest } from '../../sim/place-request.ts';
import { talk } from '../../src/caller/terminal-phone.ts';
import { steadyClock } from '../../src/lib/clock.ts';
import { type PhoneStage, phoneStage } from './phone-stage.ts';

interface Typing {
  readonly lines: AsyncIterable<string>;
  readonly isPerson?: boolean;
  readonly waits?: boolean;
  readonly sound?: boolean;
  readonly stop?: AbortSignal;
}

/** What the terminal shows, from the first line to the last. */
async function shown(stage: PhoneStage, typing: Typing): Promise<string> {
  const { sound = true, isPerson = false, waits = false, stop = new AbortController().signal } = typing;
  let text = '';
  await talk({
    url: `${stage.origin}${stage.phones.open({ sound }).url}`,
    clock: steadyClock,
    write: (more) => {
      text += more;
    },
    lines: typing.lines,
    isPerson,
    waits,
    stop,
  });
  return text;
}

async function* typed(...lines: readonly string[]): AsyncIterable<string> {
  yield* lines;
}

describe('a terminal that is a test phone', () => {
  it('shows what both say, with the times of each turn, and hangs up after the last line', async (t) => {
    const stage = await phoneStage(t);
    const text = await shown(stage, { lines: typed('what time is it', '', '/4#', 'thanks') });
    const lines = text.split('\n').filter((line) => /^(agent|you) /.test(line));
    assert.deepEqual(lines.slice(0, 3), [
      'agent  Hello.',
      'you    what time is it',
      'agent  You said: what time is it',
    ]);
    assert.match(lines[3] ?? '', /^you .*4/);
    assert.deepEqual(lines.slice(-2), ['you    thanks', 'agent  You said: thanks']);
    assert.match(text, /\[turn 1: first sentence \d+ ms, first audio \d+ ms, heard \d+ ms\]/);
    assert.match(text, /The call is over: the person hung up\./);
  });

  it('is read where nothing speaks, and says so', async (t) => {
    const stage = await phoneStage(t, { hasVoices: false });
    const text = await shown(stage, { lines: typed('hello') });
    assert.match(text, /read, not heard/);
    assert.match(text, /agent {2}You said: hello\n.*\[turn 1: answered after \d+ ms\]/);
  });

  it('interrupts the agent when a person types over it, and shows what was heard', async (t) => {
    const long = 'One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.';
    const stage = await phoneStage(t, { answer: ({ turn }) => (turn === 1 ? long : 'Of course.') });
    async function* hasty(): AsyncIterable<string> {
      yield 'tell me a story';
      await until(() => stage.app.phone.list(1)[0]?.transcript.at(-1)?.text === long);
      const from = steadyClock.now();
      await until(() => steadyClock.now() > from + 1_500);
      yield 'stop please';
      await until(() => stage.agent.turns.length === 2 && heardLast(stage));
    }
    const text = await shown(stage, { lines: hasty(), isPerson: true });
    assert.match(text, /\(cut off: heard "?(One|nothing)/);
    assert.ok(!text.includes('you    stop please'), 'what a person typed is not shown twice');
    assert.match(text, /agent {2}Of course\./);
  });

  it('waits to be called, and picks up', async (t) => {
    const stage = await phoneStage(t);
    async function* nothing(): AsyncIterable<string> {
      await stage.app.phone.place(placeRequest({ to: '+15550008379', mode: 'notify' }));
      await until(() => stage.app.phone.list(1)[0]?.phase === 'ended');
    }
    const text = await shown(stage, { lines: nothing(), waits: true, sound: false, isPerson: true });
    assert.match(text, /Waiting to be called at \+15550008379/);
    assert.match(text, /\+15550000000 calls; picked up\nagent {2}Good morning\./);
  });

  it('hangs up on Ctrl-C', async (t) => {
    const stage = await phoneStage(t);
    const stop = new AbortController();
    async function* endless(): AsyncIterable<string> {
      await until(() => stage.app.phone.list(1)[0]?.phase === 'live');
      stop.abort();
      await new Promise(() => undefined);
      yield '';
    }
    await shown(stage, { lines: endless(), isPerson: true, stop: stop.signal });
    await until(() => stage.app.phone.list(1)[0]?.phase === 'ended');
  });
});

const heardLast = (stage: PhoneStage): boolean => {
  const last = stage.app.phone.list(1)[0]?.transcript.at(-1);
  return last?.speaker === 'agent' && last.outcome === 'heard';
};

/** Looks again with each round of the loop. */
async function until(isSo: () => boolean): Promise<void> {
  const patience = steadyClock.now() + 20_000;
  while (!isSo()) {
    assert.ok(steadyClock.now() < patience, 'it did not happen');
    await new Promise((resolve) => setImmediate(resolve));
  }
}
