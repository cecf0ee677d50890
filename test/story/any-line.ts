// AnyLine: a line on any carrier with a network, for stories that must be the same on all of them.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Person as PlivoPerson } from '../../sim/plivo/person.ts';
import { Person as TelnyxPerson } from '../../sim/telnyx/person.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import type { AppLine, AppLineOptions } from './app-line.ts';
import { startPlivoLine } from './plivo-line.ts';
import { startTelnyxLine } from './telnyx-line.ts';
import { startTwilioLine } from './twilio-line.ts';

/** What people on every carrier can do. */
interface Human {
  says(text: string): this;
  hangsUp(options: { readonly afterMs: number }): this;
}
type Script = (human: Human) => unknown;

export interface AnyLine {
  readonly line: AppLine;
  /** Somebody calls and does as the script says; gives what they have heard so far. */
  callIn(from: string, script: Script): () => readonly string[];
  /** How many calls the carrier still has. */
  live(): number;
  /** What the carrier has to complain about. */
  problems(): readonly unknown[];
  /** The carrier's API fails for our next requests about a call, twice. */
  failTwice(): void;
}

const UNAVAILABLE = { do: 'status', status: 503 } as const;

function scripted<Person extends Human>(person: Person, script: Script): Person {
  script(person);
  return person;
}

const texts = (heard: readonly { readonly text: string }[]): string[] => heard.map(({ text }) => text);

async function twilio(test: TestContext, options: AppLineOptions): Promise<AnyLine> {
  const line = await startTwilioLine(test, options);
  return {
    line,
    callIn: (from, script) => {
      const call = line.dialIn(scripted(new Caller(), script), from);
      return () => texts(call.heard);
    },
    live: () => line.twin.liveCalls().length,
    problems: () => line.twin.problems,
    failTwice: () => void line.twin.faults.rest(UNAVAILABLE, { only: 'update', times: 2 }),
  };
}

async function telnyx(test: TestContext, options: AppLineOptions): Promise<AnyLine> {
  const line = await startTelnyxLine(test, options);
  return {
    line,
    callIn: (from, script) => {
      const call = line.dialIn(scripted(new TelnyxPerson(), script), from);
      return () => texts(call.heard);
    },
    live: () => line.twin.liveCalls().length,
    problems: () => line.twin.problems,
    failTwice: () => {
      for (const only of ['reject', 'hangup']) line.twin.faults.rest(UNAVAILABLE, { only, times: 1 });
    },
  };
}

async function plivo(test: TestContext, options: AppLineOptions): Promise<AnyLine> {
  const line = await startPlivoLine(test, options);
  return {
    line,
    callIn: (from, script) => {
      const person = scripted(new PlivoPerson(), script);
      line.dialIn(person, from);
      return () => texts(person.heard);
    },
    live: () => line.twin.liveCalls().length,
    problems: () => line.twin.problems,
    failTwice: () => void line.twin.faults.rest(UNAVAILABLE, { only: 'hangup', times: 2 }),
  };
}

export const starts = { twilio, telnyx, plivo };

/** Plays until nobody is on the line any more, at the carrier or here, and the carrier has nothing to complain about. */
export async function overOn({ line, live, problems }: AnyLine): Promise<void> {
  await line.until(1_000);
  await line.until(() => live() === 0);
  await line.until(60_000);
  assert.ok(line.phone.list(50).every(({ phase }) => phase === 'ended'));
  assert.deepEqual(problems(), []);
}
