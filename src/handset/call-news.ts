// CallNews: what the person at a test phone is told of their call: each thing once, and again when it has changed.
import type { Call } from '../call/call.ts';
import { publicView } from '../call/public-view.ts';
import type { ToPhone } from './protocol.ts';

export class CallNews {
  /** What was told last, by what it is about. */
  readonly #told = new Map<string, string>();

  /** Call it after each step of the call: gives what is new since the last time, in order. */
  of(call: Call): readonly ToPhone[] {
    return this.#all(call)
      .filter(([about, message]) => {
        const text = JSON.stringify(message);
        const isNew = this.#told.get(about) !== text;
        this.#told.set(about, text);
        return isNew;
      })
      .map(([, message]) => message);
  }

  #all(call: Call): readonly (readonly [about: string, message: ToPhone])[] {
    const view = publicView(call);
    const lines = view.transcript.map((entry, index) => {
      // Lines are added at the end and change in place.
      const id = String(index);
      return [`said ${id}`, { type: 'said', id, ...entry }] as const;
    });
    const turns = view.metadata.turns.map(
      (turn) => [`turn ${turn.turn}`, { type: 'turn', ...turn }] as const,
    );
    return [
      ...beginning(call),
      ...lines,
      ...(call.phase === 'live' ? [['state', { type: 'state', state: call.floor.kind }] as const] : []),
      ...turns,
      ...ending(call),
    ];
  }
}

function beginning(call: Call): readonly (readonly [string, ToPhone])[] {
  const { id: callId, direction, phase, from, stream } = call;
  const began: ToPhone =
    direction === 'inbound' ? { type: 'calling', callId } : { type: 'ringing', callId, from };
  const connected: ToPhone = { type: 'connected', callId, sound: stream !== null };
  return [['began', began], ...(phase === 'live' ? [['connected', connected] as const] : [])];
}

function ending({ id: callId, phase, end }: Call): readonly (readonly [string, ToPhone])[] {
  if (phase !== 'ended' || end === null) return [];
  return [['ended', { type: 'ended', callId, ...end }]];
}
