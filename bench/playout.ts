// Bench: what the media engine costs per frame of 20 ms, out and in, and how even its pace is with many calls.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Cancel, type Clock, steadyClock } from '../src/lib/clock.ts';
import type { MediaCodec } from '../src/media/codec.ts';
import { Engine } from '../src/media/engine.ts';
import { FRAME_BYTES, FRAME_MS } from '../src/media/frame.ts';
import type { LineEvent } from '../src/media/lines.ts';
import type { VoiceActivity } from '../src/media/voice.ts';

const SECONDS = 5;
const LINES = 100;
/** Few enough that nothing is collected meanwhile: what is allocated stays on the heap, and is counted. */
const FRAMES = 5_000;
const PACED_LINES = [100, 300, 500, 700];

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Time that passes only when told to, as fast as the machine can. */
class FastClock implements Clock {
  #now = 1_000_000;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  now(): number {
    return this.#now;
  }

  at(at: number, run: () => void): Cancel {
    const timer = { at, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  pass(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue;
      this.#timers.delete(timer);
      timer.run();
    }
  }
}

const writer = {
  audio: (mulaw: Uint8Array) =>
    `{"event":"media","streamSid":"MZ0123456789","media":{"payload":"${Buffer.from(mulaw.buffer, mulaw.byteOffset, mulaw.length).toString('base64')}"}}`,
  mark: (name: string) => `{"event":"mark","streamSid":"MZ0123456789","mark":{"name":"${name}"}}`,
  clear: () => '{"event":"clear","streamSid":"MZ0123456789"}',
};
const codec: MediaCodec = {
  carrier: 'bench',
  mayReorder: false,
  read: () => null,
  writer: () => writer,
};
const deaf = (): VoiceActivity => ({ isSpeaking: false, isOurVoiceOn: false, push: () => null });

interface House {
  readonly engine: Engine;
  sent: number;
}

/** An engine whose lines all have `seconds` of sound to play. `onSend` is told of each frame of each line. */
function houseOf(
  clock: Clock,
  { lines, seconds, mayReorder = false }: { lines: number; seconds: number; mayReorder?: boolean },
  onSend: (line: number) => void = () => undefined,
): House {
  const engine = new Engine({
    clock,
    listen: (_event: LineEvent) => undefined,
    codecs: new Map([['bench', { ...codec, mayReorder }]]),
    activityFor: deaf,
    soundReader: () => ({ push: ({ bytes }) => bytes, end: () => new Uint8Array(0) }),
    keyTones: () => new Uint8Array(0),
  });
  const house: House = { engine, sent: 0 };
  for (let line = 0; line < lines; line++) {
    const callId = `call-${line}`;
    engine.open({ callId, carrier: 'bench', sensitivity: 'medium' });
    const take = (text: string): void => {
      if (text.charCodeAt(11) === 97) {
        // A mark: it returns at once, and counts when it can have been played.
        engine.message(callId, 1, { kind: 'mark', name: text.slice(text.indexOf('"m', 50) + 1, -3) });
        return;
      }
      house.sent += 1;
      onSend(line);
    };
    const socket = {
      bufferedBytes: 0,
      close: () => undefined,
      send: (frames: readonly string[]): void => frames.forEach(take),
    };
    engine.attach(callId, 1, { writer, socket });
    if (seconds > 0) {
      engine.say(callId, { id: 'u', interruptible: true });
      engine.sound(callId, 'u', {
        encoding: 'mulaw',
        sampleRate: 8_000,
        bytes: new Uint8Array(seconds * 8_000),
      });
    }
  }
  return house;
}

const row = (name: string, text: string): void => console.log(`${name.padEnd(46)} ${text}`);
const micro = (ms: number, count: number): string => `${((ms * 1_000) / count).toFixed(2).padStart(7)} µs`;

/** Runs it some times, the first ones to warm up; the best of the rest is what the code costs. */
function measure(
  name: string,
  run: () => { readonly ms: number; readonly bytes: number; readonly count: number },
): void {
  const rounds = Array.from({ length: 20 }, run).slice(10);
  const best = rounds.reduce((a, b) => (b.ms / b.count < a.ms / a.count ? b : a));
  row(name, `${micro(best.ms, best.count)}   ${Math.round(best.bytes / best.count)} bytes allocated`);
}

/** How long `work` takes, and what it leaves on the heap; `work` returns how often it did it. */
function timed(work: () => number): { readonly ms: number; readonly bytes: number; readonly count: number } {
  collect();
  const heap = process.memoryUsage().heapUsed;
  const from = performance.now();
  const count = work();
  const ms = performance.now() - from;
  return { ms, bytes: Math.max(0, process.memoryUsage().heapUsed - heap), count };
}

measure('writing a frame (codec alone)', () => {
  const frame = new Uint8Array(FRAME_BYTES);
  let length = 0;
  return timed(() => {
    for (let index = 0; index < FRAMES; index++) length += writer.audio(frame).length;
    return length > 0 ? FRAMES : 0;
  });
});

measure(`a frame out, paced, of ${LINES} lines`, () => {
  const clock = new FastClock();
  const house = houseOf(clock, { lines: LINES, seconds: SECONDS });
  clock.pass(1_000);
  const before = house.sent;
  return timed(() => {
    for (let ms = 0; ms < (FRAMES / LINES) * FRAME_MS; ms += 4) clock.pass(4);
    return house.sent - before;
  });
});

for (const mayReorder of [false, true])
  measure(`a frame in${mayReorder ? ', put in order' : ''}, without a detector`, () => {
    const clock = new FastClock();
    const { engine } = houseOf(clock, { lines: 1, seconds: 0, mayReorder });
    const mulaw = new Uint8Array(FRAME_BYTES);
    return timed(() => {
      for (let chunk = 1; chunk <= FRAMES; chunk++) {
        clock.pass(FRAME_MS);
        engine.message('call-0', 1, { kind: 'audio', chunk, mulaw });
      }
      return FRAMES;
    });
  });

/** In real time: how far from 20 ms the gaps between the frames of a line are, and what of a core it takes. */
async function pace(lines: number): Promise<void> {
  const last = new Array<number>(lines).fill(0);
  const gaps: number[] = [];
  let isMeasuring = false;
  const house = houseOf(steadyClock, { lines, seconds: SECONDS + 3 }, (line) => {
    const now = performance.now();
    if (isMeasuring) gaps.push(Math.abs(now - (last[line] ?? now) - FRAME_MS));
    last[line] = now;
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  await new Promise<void>((resolve) => steadyClock.at(steadyClock.now() + 1_000, resolve));
  isMeasuring = true;
  delay.enable();
  const cpu = process.cpuUsage();
  const before = house.sent;
  const from = performance.now();
  await new Promise<void>((resolve) => steadyClock.at(steadyClock.now() + SECONDS * 1_000, resolve));
  isMeasuring = false;
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - from) / 1_000;
  gaps.sort((a, b) => a - b);
  const at = (share: number): string => (gaps[Math.floor(gaps.length * share)] ?? 0).toFixed(2).padStart(6);
  const rate = ((house.sent - before) / lines / seconds).toFixed(2);
  const load = ((user + system) / 10_000 / seconds).toFixed(0);
  row(
    `${lines} lines in real time`,
    `gap off by p50 ${at(0.5)} p99 ${at(0.99)} max ${at(0.9999)} ms   ${rate} frames/s   ${load} % of a core`,
  );
  for (let line = 0; line < lines; line++) house.engine.close(`call-${line}`);
}

for (const lines of PACED_LINES) await pace(lines);
