// Keys: what the caller presses. A carrier that is told reports each key by itself: they are gathered first.
import { type Call, carrierGathers } from './call.ts';
import { KEYS_PAUSE_MS, silenceMs } from './deadline.ts';
import { MAX_DIGITS, pressed } from './dtmf.ts';
import type { EventOf } from './event.ts';
import { openThinking } from './floor.ts';
import { type Step, step, withDeadlines } from './step.ts';
import { callerSilent, isOpenTurn, wordsHeard } from './words.ts';

/**
 * The key that says "that was all" and is no part of the message. Carriers that gather keys have it by default
 * (`finishOnKey`); pressed alone it is to them as if nothing was pressed: they stop listening and come back.
 */
const END_KEY = '#';

/** Keys are words to the agent. A carrier that asks has gathered them; otherwise we wait for a pause or for `#`. */
export function keysPressed(call: Call, { digits, turn, at }: EventOf<'digitsReceived'>): Step {
  if (carrierGathers(call)) return wordsHeard(call, pressed(digits), { at, turn });
  if (call.mode === 'notify' || !belongs(call, turn)) return step(call);
  if (digits === END_KEY) return call.keys === '' ? callerSilent(call, at) : keysOver(call, at);
  const { silence } = call.deadlines;
  const gathered = withDeadlines(
    { ...call, keys: call.keys + digits },
    {
      keys: at + KEYS_PAUSE_MS,
      // Who presses keys is not silent.
      ...(silence !== undefined && { silence: Math.max(silence, at + silenceMs(call)) }),
    },
  );
  return gathered.keys.length < MAX_DIGITS ? step(gathered) : keysOver(gathered, at);
}

/** A key for a turn that is over never answers a newer one; but nobody changes their turn while pressing. */
function belongs(call: Call, turn: number | null): boolean {
  return call.keys !== '' || turn === null || isOpenTurn(call, turn) || openThinking(call)?.turn === turn;
}

/** The caller pauses, presses `#`, speaks, or is asked something else: what was pressed until now is one message. */
export function keysOver(call: Call, at: number): Step {
  if (call.keys === '') return step(call);
  const free = withDeadlines({ ...call, keys: '' }, { keys: null });
  return wordsHeard(free, pressed(call.keys), { at, turn: null, areNew: true });
}

/** What `next` makes of the call once the keys pressed before it were told. */
export function afterKeys(call: Call, at: number, next: (call: Call) => Step): Step {
  const told = keysOver(call, at);
  const moved = next(told.call);
  // An agent that would be stopped at once is not asked at all.
  const isDropped = moved.effects.some((effect) => effect.kind === 'dropAgent');
  const before = told.effects.filter((effect) => !(isDropped && effect.kind === 'askAgent'));
  return { call: moved.call, effects: [...before, ...moved.effects] };
}
