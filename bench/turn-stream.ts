// TurnStream: the phone company's end of one media stream in the turn bench: a caller who asks, listens and interrupts.
import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';
import { machineMs } from './figures.ts';
import { ANSWER_BYTE, type LineReport, SILENCE_BYTE } from './turn-wire.ts';

const FRAME_MS = 20;
const FRAME_BYTES = 160;
/** How long the caller speaks, and listens to an answer before they interrupt it: between this and twice as long. */
const SPEAKS_MS = 400;
const LISTENS_MS = 450;
/** After the greeting, before the first question. */
const THINKS_MS = 150;
const PATIENCE_MS = 8_000;
const STOPS_WITHIN_MS = 1_500;
/** What is sent ahead at the beginning has no beat. */
const LEAD_FRAMES = 10;

const base64 = (frame: Uint8Array): string => Buffer.from(frame).toString('base64');
const SILENT = base64(new Uint8Array(FRAME_BYTES).fill(SILENCE_BYTE));
/** Recorded speech, ready to be sent. */
const VOICE: readonly string[] = voiceFrames();
const ANSWER_START = base64(new Uint8Array(3).fill(ANSWER_BYTE));

function voiceFrames(): readonly string[] {
  const clip = readFileSync(new URL('../sim/media/clips/sentence.ulaw', import.meta.url));
  const frames: string[] = [];
  // Its beginning is a breath.
  for (let at = 40 * FRAME_BYTES; at + FRAME_BYTES <= clip.length; at += FRAME_BYTES) {
    const frame = new Uint8Array(clip.subarray(at, at + FRAME_BYTES));
    if (frame[0] === SILENCE_BYTE) frame[0] = SILENCE_BYTE - 1;
    frames.push(base64(frame));
  }
  return frames.slice(0, SPEAKS_MS / FRAME_MS);
}

export interface Visit {
  readonly url: string;
  readonly token: string | null;
  readonly to: string;
  readonly callSid: string;
  readonly doTalk: boolean;
}

type Mood = 'greeted' | 'asking' | 'waiting' | 'listening' | 'done';

export class TurnStream {
  readonly #visit: Visit;
  readonly #socket: WebSocket;
  readonly #streamSid = `MZ${'0'.repeat(32)}`;
  readonly #mediaFrom = `{"event":"media","streamSid":"${this.#streamSid}","media":{"payload":"`.length;
  readonly #answers: number[] = [];
  readonly #voices: number[] = [];
  readonly #clears: number[] = [];
  readonly #offBeat: number[] = [];
  readonly #dry: number[] = [];
  readonly #sent: number[] = [];
  #startedAt = 0;
  #greetedAt: number | null = null;
  #misses = 0;
  #mood: Mood = 'greeted';
  /** When the mood changes by itself. */
  #untilAt = Number.POSITIVE_INFINITY;
  #voiceLeft = 0;
  #isInterrupting = false;
  /** When all we have got will have been played. */
  #playedAt = 0;
  #lastAt = 0;
  #inARow = 0;
  /** We took back what was not played: what follows begins anew. */
  #isCleared = false;
  #marks: string[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(visit: Visit) {
    this.#visit = visit;
    this.#socket = new WebSocket(visit.url, { perMessageDeflate: false });
    this.#socket.on('open', () => this.#start());
    this.#socket.on('message', (data: Buffer) => this.#take(data.toString('latin1')));
    this.#socket.on('close', () => this.hangUp());
    this.#socket.on('error', (error) => console.error(`a stream of the bench: ${error.message}`));
  }

  hangUp(): void {
    this.#mood = 'done';
    if (this.#timer) clearTimeout(this.#timer);
    this.#socket.close();
  }

  get report(): LineReport {
    return {
      to: this.#visit.to,
      startedAt: this.#startedAt,
      greetedAt: this.#greetedAt,
      answers: this.#answers,
      voices: this.#voices,
      clears: this.#clears,
      offBeat: this.#offBeat,
      dry: this.#dry,
      sent: this.#sent,
      misses: this.#misses,
    };
  }

  #send(event: string, fields: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ event, ...fields }));
  }

  #start(): void {
    const { callSid, token } = this.#visit;
    this.#send('connected', { protocol: 'Call', version: '1.0.0' });
    const start = {
      streamSid: this.#streamSid,
      accountSid: `AC${'0'.repeat(32)}`,
      callSid,
      tracks: ['inbound'],
      customParameters: token === null ? {} : { token },
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
    };
    this.#startedAt = machineMs();
    this.#send('start', { sequenceNumber: '1', start, streamSid: this.#streamSid });
    this.#tick();
  }

  /** Every 20 ms, counted from the start. */
  #tick(): void {
    if (this.#mood === 'done') return;
    const now = machineMs();
    this.#think(now);
    const chunk = this.#sent.length + 1;
    const payload = this.#voiceLeft > 0 ? VOICE[VOICE.length - this.#voiceLeft--] : SILENT;
    this.#sent.push(machineMs());
    this.#socket.send(
      `{"event":"media","sequenceNumber":"${chunk + 1}","media":{"track":"inbound","chunk":"${chunk}","timestamp":"${chunk * FRAME_MS}","payload":"${payload}"},"streamSid":"${this.#streamSid}"}`,
    );
    this.#timer = setTimeout(
      () => this.#tick(),
      Math.max(0, this.#startedAt + chunk * FRAME_MS - machineMs()),
    );
  }

  #become(mood: Mood, untilAt: number): void {
    this.#mood = mood;
    this.#untilAt = untilAt;
  }

  #think(now: number): void {
    if (this.#mood === 'asking' && this.#voiceLeft === 0 && !this.#isInterrupting)
      this.#become('waiting', now + PATIENCE_MS);
    if (now < this.#untilAt) return;
    if (this.#mood === 'waiting') this.#misses += 1;
    if (this.#isInterrupting) {
      this.#misses += 1;
      this.#isInterrupting = false;
      return;
    }
    this.#isInterrupting = this.#mood === 'listening';
    if (this.#isInterrupting) this.#voices.push(now);
    this.#voiceLeft = VOICE.length;
    this.#become('asking', this.#isInterrupting ? now + STOPS_WITHIN_MS : Number.POSITIVE_INFINITY);
  }

  #take(frame: string): void {
    const now = machineMs();
    if (frame.startsWith('{"event":"media"')) this.#hear(frame, now);
    else if (frame.startsWith('{"event":"mark"')) this.#mark(frame, now);
    else if (frame.startsWith('{"event":"clear"')) this.#clear(now);
  }

  #hear(frame: string, now: number): void {
    const isAnswer = frame.startsWith(ANSWER_START, this.#mediaFrom);
    if (this.#greetedAt === null) {
      this.#greetedAt = now;
    } else if (isAnswer && this.#mood === 'waiting') {
      this.#answers.push(now);
      this.#become('listening', now + LISTENS_MS * (1 + Math.random()));
    } else if (isAnswer && this.#mood === 'listening') this.#beat(now);
    this.#isCleared = false;
    this.#inARow = this.#playedAt < now ? 1 : this.#inARow + 1;
    this.#playedAt = Math.max(this.#playedAt, now) + FRAME_MS;
    this.#lastAt = now;
  }

  #beat(now: number): void {
    if (this.#playedAt < now && !this.#isCleared) this.#dry.push(now - this.#playedAt);
    else if (this.#inARow > LEAD_FRAMES) this.#offBeat.push(Math.abs(now - this.#lastAt - FRAME_MS));
  }

  /** Comes back when all before it was played. */
  #mark(frame: string, now: number): void {
    const name = /"name":"([^"]+)"/.exec(frame)?.[1] ?? '';
    this.#marks.push(name);
    setTimeout(() => this.#playedTo(name), Math.max(0, this.#playedAt - now));
  }

  #playedTo(name: string): void {
    if (!this.#marks.includes(name)) return;
    this.#marks = this.#marks.filter((other) => other !== name);
    this.#send('mark', { sequenceNumber: '1', mark: { name }, streamSid: this.#streamSid });
    const now = machineMs();
    const isGreeted = this.#mood === 'greeted' && this.#playedAt <= now + 1 && this.#visit.doTalk;
    if (isGreeted && this.#untilAt === Number.POSITIVE_INFINITY) this.#untilAt = now + THINKS_MS;
  }

  #clear(now: number): void {
    if (this.#isInterrupting) {
      this.#clears.push(now);
      this.#isInterrupting = false;
      this.#untilAt = Number.POSITIVE_INFINITY;
    }
    this.#isCleared = true;
    this.#playedAt = Math.min(this.#playedAt, now);
    for (const name of this.#marks) this.#playedTo(name);
  }
}
