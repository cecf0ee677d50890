// Scenarios: the calls during which the sweep kills our process.
import type { Settings } from '../../src/config/settings.ts';
import type { Script } from '../../test/conformance/exchange.ts';
import { CARRIERS, type CarrierName } from '../../test/conformance/exchanges.ts';
import { ALICE, OURS, STRANGER, type Stage } from './stage.ts';

export interface Scenario {
  readonly name: string;
  readonly carriers: readonly CarrierName[];
  readonly settings?: Partial<Settings>;
  readonly streams?: boolean;
  /** How many calls we are asked to place. */
  readonly orders: number;
  /** Whoever calls is not let in. */
  readonly isRefused?: boolean;
  /** Until nobody is on the line any more, if nothing comes between. */
  play(stage: Stage): Promise<void>;
}

/** The carrier has tried to deliver everything, and nothing of ours is left to do. */
const WIND_UP_MS = 15_000;

async function over({
  exchange,
  until,
}: {
  exchange: Stage['exchange'];
  until: Stage['until'];
}): Promise<void> {
  await until(() => exchange.calls.length > 0 && exchange.calls.every(({ isAlive }) => !isAlive));
  await until(WIND_UP_MS);
}

function dials(mode: 'notify' | 'conversation', script: Script): Scenario['play'] {
  return async (stage) => {
    stage.exchange.expect(ALICE, script);
    await stage.tell({ kind: 'place', mode, to: ALICE });
    await over({ exchange: stage.exchange, until: (condition) => stage.until(condition) });
  };
}

function isCalledBy(who: string, script: Script): Scenario['play'] {
  return async (stage) => {
    stage.exchange.dialIn(who, OURS, script);
    await over({ exchange: stage.exchange, until: (condition) => stage.until(condition) });
  };
}

/** Nobody lets a phone ring for ever. */
const GIVES_UP_MS = 40_000;
const talks: Script = (human) =>
  human.givesUpAfter(GIVES_UP_MS).says('One').says('Two').hangsUp({ afterMs: 3_000 });
const listens: Script = (human) => human.givesUpAfter(GIVES_UP_MS);

export const SCENARIOS: readonly Scenario[] = [
  { name: 'we leave a message', carriers: CARRIERS, orders: 1, play: dials('notify', listens) },
  { name: 'we call and talk', carriers: CARRIERS, orders: 1, play: dials('conversation', talks) },
  {
    name: 'we call and hang up',
    carriers: CARRIERS,
    orders: 1,
    play: async (stage) => {
      stage.exchange.expect(ALICE, listens);
      await stage.tell({ kind: 'place', mode: 'conversation', to: ALICE });
      await stage.until(() => stage.exchange.calls[0]?.answeredAt !== undefined);
      await stage.until(4_000);
      await stage.tell({ kind: 'end' });
      await over({ exchange: stage.exchange, until: (condition) => stage.until(condition) });
    },
  },
  {
    name: 'nobody answers',
    carriers: CARRIERS,
    orders: 1,
    settings: { ringTimeoutMs: 20_000 },
    play: dials('conversation', (human) => human.noAnswer()),
  },
  { name: 'they call and talk', carriers: CARRIERS, orders: 0, play: isCalledBy(ALICE, talks) },
  {
    name: 'they call and are refused',
    carriers: CARRIERS,
    orders: 0,
    isRefused: true,
    play: isCalledBy(STRANGER, listens),
  },
  {
    name: 'they call and get a code',
    carriers: CARRIERS,
    orders: 0,
    settings: { inboundPolicy: 'pairing', allowFrom: [] },
    play: isCalledBy(STRANGER, listens),
  },
  {
    name: 'we call and talk, on a stream',
    carriers: ['twilio', 'telnyx'],
    orders: 1,
    streams: true,
    play: dials('conversation', (human) => human.says('One').hangsUp({ afterMs: 2_000 })),
  },
];
