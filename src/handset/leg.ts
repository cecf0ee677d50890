// Leg: the media stream of a test phone's call: a WebSocket to the line, as a carrier would open one.
import { WebSocket } from 'ws';
import { type MockSound, mockFrames, readMockSound } from '../carrier/mock/media.ts';
import type { Clock } from '../lib/clock.ts';

/** One end of the stream: what the phone sends goes in here. Before it is connected and after its end nothing does. */
export interface Leg {
  hear(mulaw: Uint8Array): void;
  send(frame: string): void;
  /** Says that the phone ends it, and closes. */
  close(): void;
}

export interface LegDeps {
  readonly clock: Clock;
  readonly address: { readonly url: string; readonly token: string };
  readonly carrierCallId: string;
  readonly onSound: (sound: MockSound) => void;
  /** It never came about. What becomes of one that did, the line tells by itself. */
  readonly onUnreachable: () => void;
}

const CONNECT_WITHIN_MS = 4_000;
/** A line takes a phone for dead that is silent for 30 s. */
const ALIVE_EVERY_MS = 10_000;
/** Two seconds of sound wait at most: the line is on this machine, and what is later is no conversation. */
const MAX_WAITING_BYTES = 32_000;

const MAX_EARLY = 100;

export function openLeg({ clock, address, carrierCallId, onSound, onUnreachable }: LegDeps): Leg {
  const socket = new WebSocket(address.url, {
    handshakeTimeout: CONNECT_WITHIN_MS,
    perMessageDeflate: false,
  });
  let chunk = 0;
  let isOver = false;
  let wasOpen = false;
  /** Words and keys of before it was open; sound of then is gone. */
  const early: string[] = [];
  const send = (frame: string): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    else if (socket.readyState === WebSocket.CONNECTING && early.length < MAX_EARLY) early.push(frame);
  };
  let cancel = clock.at(clock.now() + ALIVE_EVERY_MS, alive);
  function alive(): void {
    send(mockFrames.alive);
    cancel = clock.at(clock.now() + ALIVE_EVERY_MS, alive);
  }
  function over(): void {
    cancel();
    if (!isOver && !wasOpen) onUnreachable();
    isOver = true;
  }
  socket.on('open', () => {
    wasOpen = true;
    send(mockFrames.start(carrierCallId, address.token));
    for (const frame of early.splice(0)) send(frame);
  });
  socket.on('message', (data) => {
    const sound = isOver ? null : readMockSound(data.toString());
    if (sound) onSound(sound);
  });
  socket.on('error', over);
  socket.on('close', over);
  return {
    hear(mulaw) {
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > MAX_WAITING_BYTES) return;
      chunk += 1;
      send(mockFrames.audio(mulaw, chunk));
    },
    send,
    close() {
      if (isOver) return;
      isOver = true;
      cancel();
      send(mockFrames.stop);
      socket.close();
    },
  };
}
