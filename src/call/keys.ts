// Keys: what the caller presses. A carrier that is told reports each key by itself: they are gathered first.
import { type Call, carrierGathers } from './call.ts';
import { KEYS_LATE_MS, KEYS_PAUSE_MS, silenceMs } from './deadline.ts';
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
export function keysPressed(call: Call, event: EventOf<'digitsReceived'>): Step {
  const { digits, turn, at } = event;
  if (carrierGathers(call)) return wordsHeard(call, pressed(digits), { at, turn });
  return [...digits].reduce<Step>((before, digit) => {
    const after = keyPressed(before.call, { ...event, digits: digit });
    return { call: after.call, effects: [...before.effects, ...after.effects] };
  }, step(call));
}

function keyPressed(call: Call, { digits, turn, at, pressedAt }: EventOf<'digitsReceived'>): Step {
  if (call.mode === 'notify' || !belongs(call, turn)) return step(call);
  // Where keys come in order, nothing can be missing before it.
  if (digits === END_KEY && pressedAt === undefined) {
    return call.keys === '' ? callerSilent(call, at) : keysOver(call, at);
  }
  const { silence } = call.deadlines;
  const more = withKey(call, digits, pressedAt ?? at);
  const gathered = withDeadlines(more, {
    keys: at + (more.keys.includes(END_KEY) ? KEYS_LATE_MS : KEYS_PAUSE_MS),
    // Who presses keys is not silent.
    ...(silence !== undefined && { silence: Math.max(silence, at + silenceMs(call)) }),
  });
  return gathered.keys.length < MAX_DIGITS ? step(gathered) : keysOver(gathered, at);
}

/** The key in its place: a carrier may tell us of a later one first. */
function withKey(call: Call, digit: string, pressedAt: number): Call {
  const place = call.keysAt.filter((at) => at <= pressedAt).length;
  return {
    ...call,
    keys: `${call.keys.slice(0, place)}${digit}${call.keys.slice(place)}`,
    keysAt: call.keysAt.toSpliced(place, 0, pressedAt),
  };
}

/** A key for a turn that is over never answers a newer one; but nobody changes their turn while pressing. */
function belongs(call: Call, turn: number | null): boolean {
  return call.keys !== '' || turn === null || isOpenTurn(call, turn) || openThinking(call)?.turn === turn;
}

/** The caller pauses, presses `#`, speaks, or is asked something else: what was pressed until now is one message. */
export function keysOver(call: Call, at: number): Step {
  if (call.keys === '') return step(call);
  const end = call.keys.indexOf(END_KEY);
  const message = end === -1 ? call.keys : call.keys.slice(0, end);
  const used = end === -1 ? call.keys.length : end + 1;
  const rest = call.keys.slice(used);
  const free = withDeadlines(
    { ...call, keys: rest, keysAt: call.keysAt.slice(used) },
    { keys: rest === '' ? null : at + KEYS_PAUSE_MS },
  );
  if (message === '') return callerSilent(free, at);
  return wordsHeard(free, pressed(message), { at, turn: null, areNew: true });
}

/** Every message there is in the keys: `#` may stand between two. */
function allKeysOver(call: Call, at: number): Step {
  if (call.keys === '') return step(call);
  const first = keysOver(call, at);
  const others = allKeysOver(first.call, at);
  return { call: others.call, effects: [...first.effects, ...others.effects] };
}

/** What `next` makes of the call once the keys pressed before it were told. */
export function afterKeys(call: Call, at: number, next: (call: Call) => Step): Step {
  const told = allKeysOver(call, at);
  const moved = next(told.call);
  // An agent that would be stopped at once is not asked at all.
  const isDropped = moved.effects.some((effect) => effect.kind === 'dropAgent');
  const before = told.effects.filter((effect) => !(isDropped && effect.kind === 'askAgent'));
  return { call: moved.call, effects: [...before, ...moved.effects] };
}
