// Transition: the table of what may happen to a call in each phase, and what it leads to.
//
//   dialing --> ringing --> live --> ending --> ended          (outbound starts in dialing, inbound in ringing)
//      '-----------'---------'-----------------^               (whoever ends it first, decides how it ended)
//
// Rules. Time is an argument. An event a phase does not name changes nothing: duplicates and late reports are
// harmless. Nothing leaves `ended`. The first end reason wins. Every open call has a deadline.
import type { Call, EndReason, Phase, Resting } from './call.ts';
import { GOODBYE_MS, SHORT_CALL_MS } from './deadline.ts';
import { closing, liveDeadlines, STOPPED } from './due.ts';
import type { CallEvent, EventKind, EventOf } from './event.ts';
import {
  agentThinksAbout,
  keys,
  leave,
  nextListening,
  openThinking,
  replyArrived,
  rest,
  say,
  utteranceOver,
  type Words,
} from './floor.ts';
import { instructionFor, keyOf } from './instruction.ts';
import { afterKeys, keysPressed } from './keys.ts';
import { askRequested, requested } from './requested.ts';
import { beginEnding, finish, reachedLine, type Step, step, withDeadlines, withSound } from './step.ts';
import {
  agentSaid,
  callerSpeaks,
  streamClosed,
  streamOpened,
  turnTimed,
  utteranceCut,
  withoutStream,
  withStream,
} from './stream.ts';
import {
  addressChanged,
  apologise,
  hangUpAgain,
  restoredLive,
  restoredUnanswered,
  retell,
  tellFailed,
} from './telling.ts';
import { callerSilent, isOpenTurn, modelHeard, modelSaid, wordsHeard } from './words.ts';

/** One row: what the event does in that phase, in words, where it may lead, and the move itself. */
export interface Row<K extends EventKind> {
  readonly does: string;
  readonly to: readonly Phase[];
  readonly move: (call: Call, event: EventOf<K>) => Step;
}
type Rows = { readonly [K in EventKind]?: Row<K> };

/** What `event` makes of `call`. Never throws; the same call comes back when nothing changes. */
export function transition(call: Call, event: CallEvent): Step {
  const row = table[call.phase][event.kind] as Row<EventKind> | undefined;
  if (!row) return step(call);
  if (event.kind !== 'deadlinePassed') return row.move(call, event);
  // A deadline that was cleared meanwhile is late; one that passed is spent.
  if (call.deadlines[event.name] === undefined) return step(call);
  return row.move(withDeadlines(call, { [event.name]: null }), event);
}

/** A row that several phases share and that leaves none of them. */
function within<K extends EventKind>(phase: Phase, row: Row<K>): Row<K> {
  return { ...row, to: [phase] };
}

const carrierEnded: Row<'carrierEnded'> = {
  does: 'the call is over',
  to: ['ended'],
  move: (call, event) => finish(call, { reason: event.reason, cause: event.cause }, event.at),
};

const placed: Row<'placed'> = {
  does: "remember the carrier's id",
  to: [],
  move: (call, event) =>
    call.carrierCallId === null || call.carrierCallId === event.replaces
      ? step({ ...call, carrierCallId: event.carrierCallId })
      : step(call),
};

const dialFailed: Row<'dialFailed'> = {
  does: 'the carrier refused to dial; a call it has told us of by itself is placed all the same',
  to: [],
  move: (call, event) =>
    call.carrierCallId === null
      ? finish(call, { reason: 'failed', cause: event.cause }, event.at)
      : step(call),
};

const tellAccepted: Row<'tellAccepted'> = {
  does: 'the carrier agreed to the instruction',
  to: [],
  move: (call, event) =>
    // Whatever it agreed to, the line works again: failures are counted anew.
    call.line.accepted || (call.line.told !== event.key && call.line.attempts === 0)
      ? step(call)
      : step({
          ...call,
          line: { ...call.line, accepted: call.line.told === event.key, attempts: 0 },
        }),
};

const answered: Row<'answered'> = {
  does: 'say the greeting or the message, or just listen',
  to: ['live'],
  move: (call, event) => {
    const { maxDurationMs, greeting } = call.settings;
    const lastsMs = maxDurationMs >= SHORT_CALL_MS ? maxDurationMs - GOODBYE_MS : maxDurationMs;
    const picked: Call = withDeadlines(
      { ...call, phase: 'live', answeredAt: event.at },
      { answer: null, maxDuration: event.at + lastsMs },
    );
    const live = withStream(picked, event.at);
    const after: Resting = call.mode === 'notify' ? { kind: 'idle' } : nextListening(live);
    const { dtmfSequence } = call.settings;
    const opening: Words[] = [
      ...(dtmfSequence === null ? [] : [keys(dtmfSequence, null)]),
      ...(greeting?.trim() ? [{ text: greeting, requestId: null }] : []),
    ];
    if (opening.length === 0) return rest(live, after, null, event.at);
    return opening.reduce<Step>(
      ({ call: said }, words, index) =>
        say(said, words, index === opening.length - 1 ? after : { kind: 'idle' }, event.at),
      step(live),
    );
  },
};

/** What carriers say of a caller who gave up before we answered; to us it is always the same. */
const GAVE_UP: ReadonlySet<EndReason> = new Set(['completed', 'no-answer', 'busy', 'hangup-bot']);

const beforeAnswer = {
  carrierEnded: {
    does: 'the call is over; one that came in was given up by the caller',
    to: ['ended'],
    move: (call, event) => {
      const gaveUp = call.direction === 'inbound' && GAVE_UP.has(event.reason);
      return finish(call, { reason: gaveUp ? 'hangup-user' : event.reason, cause: event.cause }, event.at);
    },
  },
  endRequested: {
    does: 'hang up before anybody answers',
    to: ['ending'],
    move: (call, event) => beginEnding(call, event.end, event.at),
  },
  closing: {
    does: 'hang up: whoever answers would find nobody here',
    to: ['ending'],
    move: (call, event) => beginEnding(call, STOPPED, event.at),
  },
} satisfies Rows;

const restoredWaiting: Row<'restored'> = {
  does: 'go on waiting; a call whose dialling was never confirmed is closed, never dialled again',
  to: [],
  move: (call, event) => restoredUnanswered(call, event.at),
};

const unanswered = (call: Call, event: EventOf<'deadlinePassed'>): Step =>
  event.name === 'answer'
    ? beginEnding(call, { reason: 'no-answer', cause: 'nobody answered in time' }, event.at)
    : step(call);

const dialing: Rows = {
  ...beforeAnswer,
  placed: within('dialing', placed),
  restored: { ...restoredWaiting, to: ['dialing', 'ended'] },
  dialFailed: { ...dialFailed, to: ['dialing', 'ended'] },
  rang: { does: 'it rings', to: ['ringing'], move: (call) => step({ ...call, phase: 'ringing' }) },
  answered,
  deadlinePassed: { does: '`answer`: give up and hang up', to: ['ending', 'dialing'], move: unanswered },
};

const ringing: Rows = {
  ...beforeAnswer,
  placed: within('ringing', placed),
  tellAccepted: within('ringing', tellAccepted),
  restored: { ...restoredWaiting, to: ['ringing', 'ended'] },
  answered,
  deadlinePassed: {
    does: '`answer`: give up and hang up; `retell`: pick up again',
    to: ['ending', 'ringing'],
    move: (call, event) => (event.name === 'retell' ? retell(call, event.at) : unanswered(call, event)),
  },
  tellFailed: {
    does: 'a call that is gone is over; a busy carrier is told again, at last the call is turned away',
    to: ['ringing', 'ending', 'ended'],
    move: tellFailed,
  },
};

/** What happens on a media stream, where we speak and hear ourselves. */
const streamed: Rows = {
  streamOpened: within('live', {
    does: 'what is said and heard goes over the media stream',
    to: [],
    move: streamOpened,
  }),
  streamClosed: within('live', {
    does: 'connect again; after some times the carrier speaks for us',
    to: [],
    move: streamClosed,
  }),
  speechFailed: within('live', {
    does: 'we have no voice or no ears: the carrier speaks and listens for us',
    to: [],
    move: (call, event) => step(withoutStream(call, event.at)),
  }),
  callerHeard: within('live', {
    does: 'note the words; whoever asked is told, otherwise the voice model answers',
    to: [],
    move: (call, event) => (call.leaving ? step(call) : modelHeard(call, event.text, event.at)),
  }),
  modelSaid: within('live', {
    does: 'note what the voice model said',
    to: [],
    move: modelSaid,
  }),
  callerSpeaks: within('live', {
    does: 'they are not silent',
    to: [],
    move: (call, event) => callerSpeaks(call, event.at),
  }),
  utteranceCut: {
    does: 'keep what was heard, forget the rest, listen; the agent stops',
    to: ['live', 'ending'],
    move: utteranceCut,
  },
  agentSaid: within('live', {
    does: 'say the next sentence of the answer to the current turn; a late one is dropped',
    to: [],
    move: (call, event) =>
      agentThinksAbout(call, event.turn) ? agentSaid(call, event.text, event.at) : step(call),
  }),
  turnTimed: within('live', {
    does: 'note how long each stage of the turn took',
    to: [],
    move: (call, event) => turnTimed(call, event.turn, event.stages),
  }),
};

const live: Rows = {
  carrierEnded,
  placed: within('live', placed),
  tellAccepted: within('live', tellAccepted),
  callerSaid: {
    does: 'note the words; the agent thinks, or whoever asked is told',
    to: ['live', 'ending'],
    // In the order they came: what was pressed before these words was said before them.
    move: (call, event) => afterKeys(call, event.at, (told) => wordsHeard(told, event.text, event)),
  },
  digitsReceived: {
    does: 'the same as words; keys that come one by one are gathered until the caller pauses',
    to: ['live', 'ending'],
    move: keysPressed,
  },
  callerSilent: {
    does: 'ask again, at last say goodbye',
    to: ['live', 'ending'],
    move: (call, event) => (isOpenTurn(call, event.turn) ? callerSilent(call, event.at) : step(call)),
  },
  utterancePlayed: {
    does: 'it was heard: say what waits, listen, think on, or leave',
    to: ['live', 'ending'],
    move: (call, event) =>
      wasPlayed(call, event.utteranceId)
        ? utteranceOver(withSound(call, event.utteranceId, event.sound), event.at, true)
        : step(call),
  },
  ...streamed,
  agentReplied: {
    does: 'say the answer to the current turn, then listen; a late one is dropped',
    to: ['live', 'ending'],
    move: (call, event) =>
      agentThinksAbout(call, event.turn) ? replyArrived(call, event.text, event.at) : step(call),
  },
  agentFailed: {
    does: 'apologise, then listen',
    to: ['live', 'ending'],
    move: (call, event) => (agentThinksAbout(call, event.turn) ? apologise(call, event.at) : step(call)),
  },
  speakRequested: {
    does: 'say it after what is being said; the agent thinks on, otherwise listen',
    to: ['live'],
    move: (call, event) => requested(call, { text: event.text, requestId: event.requestId }, event.at),
  },
  digitsRequested: {
    does: 'press the keys after what is being said; the agent thinks on, otherwise listen',
    to: ['live'],
    move: (call, event) => requested(call, keys(event.digits, event.requestId), event.at),
  },
  askRequested: {
    does: 'say it, listen, and keep the answer for whoever asked; it takes the place of an older question',
    to: ['live'],
    // Keys pressed before the question are no answer to it.
    move: (call, event) => afterKeys(call, event.at, (told) => askRequested(told, event)),
  },
  endRequested: {
    does: 'hang up once what we are saying was heard',
    to: ['live', 'ending'],
    move: (call, event) => {
      if (event.afterReply && openThinking(call)?.by === 'agent')
        return step(call.leaving ? call : { ...call, leaving: event.end });
      return leave(call, event.end, null, event.at);
    },
  },
  closing: {
    does: 'say goodbye over whatever is being said, then hang up; the second time hang up at once',
    to: ['live', 'ending'],
    move: (call, event) => closing(call, event.at),
  },
  tellFailed: {
    does: 'a call that is gone is over; a busy carrier is told again, at last the call is ended',
    to: ['live', 'ending', 'ended'],
    move: tellFailed,
  },
  deadlinePassed: {
    does: 'see the table of deadlines',
    to: ['live', 'ending'],
    move: (call, event) => liveDeadlines[event.name]?.(call, event) ?? step(call),
  },
  addressChanged: {
    does: 'tell the line once more, by the new address; sound that flows goes on',
    to: ['live'],
    move: (call, event) => addressChanged(call, event.at),
  },
  restored: {
    does: 'tell the line what it had not agreed to; a question is dropped; a lost answer is apologised for',
    to: ['live', 'ending'],
    move: (call, event) => restoredLive(call, event.at),
  },
};

const ending: Rows = {
  // The last words of a voice model may become known after their sound.
  modelSaid: within('ending', { does: 'note what the voice model said', to: [], move: modelSaid }),
  placed: within('ending', placed),
  dialFailed: { ...dialFailed, to: ['ending', 'ended'] },
  carrierEnded,
  tellAccepted: {
    does: 'the carrier hung up',
    to: ['ending', 'ended'],
    move: (call, event) =>
      event.key === 'hangup' || event.key === 'reject'
        ? finish(call, { reason: 'completed', cause: 'hung up' }, event.at)
        : step(call),
  },
  tellFailed: {
    does: 'a call that is gone is over; otherwise the `hangup` deadline repeats it',
    to: ['ending', 'ended'],
    move: (call, event) =>
      event.failure.kind === 'gone'
        ? finish(call, { reason: 'completed', cause: event.failure.why }, event.at)
        : step(call),
  },
  deadlinePassed: {
    does: '`hangup`: repeat it; after the last repetition close the call on our side',
    to: ['ending', 'ended'],
    move: (call, event) => (event.name === 'hangup' ? hangUpAgain(call, event.at) : step(call)),
  },
  restored: {
    does: 'say the hang-up again',
    to: ['ending'],
    move: (call) => {
      const attempts = Math.max(1, call.line.attempts);
      return step({ ...call, line: { ...call.line, told: null, accepted: false, attempts } });
    },
  },
};

/** Every phase and what can happen in it; `ended` is the end. */
export const table: Readonly<Record<Phase, Rows>> = { dialing, ringing, live, ending, ended: {} };

/** A report that names no utterance can only be about what the line was told to say. */
function wasPlayed(call: Call, utteranceId: string | null): boolean {
  if (call.floor.kind !== 'speaking') return false;
  return utteranceId === null ? reachedLine(call) : utteranceId === call.floor.utterance.id;
}

/** The instruction `call` would get if it were answered at `at`: what may be given along when dialling. */
export function openingInstruction(call: Call, at: number): { key: string; call: Call } {
  const opened = transition(call, { kind: 'answered', at }).call;
  return { key: keyOf(instructionFor(opened)), call: opened };
}
