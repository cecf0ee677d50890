// FarLines: Lines whose engine is in the line thread; knows which are open, for the day the thread dies.
import type { LineEvent, LineInit, Lines, LineUtterance, Sound } from '../media/lines.ts';
import { sendable, type ToLine } from './protocol.ts';

type Post = (message: ToLine, move?: readonly ArrayBuffer[]) => void;

/** `n` is the last connection there was; 0: none yet. */
interface OpenLine {
  readonly n: number;
  readonly isConnected: boolean;
}

export class FarLines implements Lines {
  readonly #post: Post;
  readonly #open = new Map<string, OpenLine>();

  constructor(post: Post) {
    this.#post = post;
  }

  open(init: LineInit): void {
    if (!this.#open.has(init.callId)) this.#open.set(init.callId, { n: 0, isConnected: false });
    this.#post({ kind: 'open', init });
  }

  identify(callId: string, carrierCallId: string): void {
    this.#post({ kind: 'identify', callId, carrierCallId });
  }

  say(callId: string, utterance: LineUtterance): void {
    this.#post({ kind: 'say', callId, utterance });
  }

  sound(callId: string, utteranceId: string, sound: Sound): void {
    const { bytes, move } = sendable(sound.bytes);
    this.#post({ kind: 'sound', callId, utteranceId, sound: { ...sound, bytes } }, move);
  }

  keys(callId: string, utteranceId: string, digits: string): void {
    this.#post({ kind: 'keys', callId, utteranceId, digits });
  }

  finish(callId: string, utteranceId: string): void {
    this.#post({ kind: 'finish', callId, utteranceId });
  }

  drop(callId: string, utteranceIds: readonly string[]): void {
    this.#post({ kind: 'drop', callId, utteranceIds });
  }

  understood(callId: string, text: string): void {
    this.#post({ kind: 'understood', callId, text });
  }

  close(callId: string): void {
    this.#open.delete(callId);
    this.#post({ kind: 'close', callId });
  }

  /** Looks at what the engine reports. */
  note(event: LineEvent): void {
    if (event.kind !== 'opened' && event.kind !== 'closed') return;
    if (!this.#open.has(event.callId)) return;
    this.#open.set(event.callId, { n: event.n, isConnected: event.kind === 'opened' });
  }

  /**
   * The engine is gone: every line is closed, the connected ones and those that still wait to be. `n` is then the
   * connection that will not come. `at` in ms since the epoch.
   */
  lost(at: number): readonly LineEvent[] {
    const lines = [...this.#open];
    this.#open.clear();
    return lines.map(([callId, { n, isConnected }]) => ({
      kind: 'closed',
      callId,
      at,
      n: isConnected ? n : n + 1,
      isOver: false,
      why: 'the line thread died',
    }));
  }
}
