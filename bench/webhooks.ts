// Bench: signed webhooks through real HTTP to our door, answered after a durable commit, and how fast forged ones are refused.
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import type { CarrierSettings } from '../src/config/settings.ts';
import { WebhookApi } from './webhook-api.ts';
import { type Letter, plivo, type Subject, telnyx, twilio } from './webhook-subjects.ts';

/** Turns of one call before the next one begins: a long call. */
const TURNS = 20;
const MEASURE_MS = 2_500;
const FORGE_MS = 1_500;

const forge = (letter: Letter): Letter => ({ ...letter, body: letter.body.replace('1234', '1235') });

interface Answer {
  readonly status: number;
  readonly text: string;
}

function post(port: number, agent: Agent, { path, headers, body }: Letter): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({
      host: '127.0.0.1',
      port,
      path,
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    sent.once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

type Send = (letter: Letter) => Promise<string>;

/** One call after the other for `ms`, in `parallel` lanes; what each webhook took, ms. */
async function converse(subject: Subject, parallel: number, send: Send): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + MEASURE_MS;
  const timed: Send = async (letter) => {
    const began = performance.now();
    const answer = await send(letter);
    times.push(performance.now() - began);
    return answer;
  };
  const lane = async (): Promise<void> => {
    while (performance.now() < until) {
      const call = ++calls;
      let told = subject.told(call, 0);
      let answer = await timed(subject.offer(call));
      for (let turn = 1; turn <= TURNS; turn++) {
        await told;
        told = subject.told(call, turn);
        for (const letter of subject.words(call, turn, answer)) answer = await timed(letter);
      }
      await told;
      await timed(subject.over(call));
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return times.sort((a, b) => a - b);
}

let calls = 0;

const at = (times: readonly number[], share: number): string =>
  `${(times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(2)}`.padStart(8);

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

interface DoorThread {
  readonly port: number;
  close(): Promise<void>;
}

/** Our side has a thread of its own: the carrier, which signs and waits, is not ours to pay for. */
function openDoor(carrier: CarrierSettings): Promise<DoorThread> {
  const worker = new Worker(new URL('./webhook-door.ts', import.meta.url), { workerData: carrier });
  const close = async (): Promise<void> => {
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('stop');
    await ended;
  };
  return new Promise((resolve, reject) => {
    worker.once('message', (port: number) => resolve({ port, close }));
    worker.once('error', reject);
  });
}

async function bench(subject: Subject): Promise<boolean> {
  const { name } = subject.settings;
  const door = await openDoor(subject.settings);
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const send =
    (status: number): Send =>
    async (letter) => {
      const answer = await post(door.port, agent, letter);
      if (answer.status !== status) throw new Error(`answered ${answer.status}, not ${status}`);
      return answer.text;
    };
  let fast = true;
  for (const [parallel, bar] of [
    [1, 5],
    [10, 15],
  ] as const) {
    const times = await converse(subject, parallel, send(200));
    const p95 = Number(at(times, 0.95));
    fast &&= p95 <= bar;
    const row = [0.5, 0.95, 0.99].map((share) => at(times, share)).join('');
    const verdict = `${p95 <= bar ? '✓' : '✗'} p95 <= ${bar} ms`;
    print(
      `  ${name.padEnd(8)}${`${parallel}`.padStart(8)}${row}${`${times.length}`.padStart(9)}   ${verdict}`,
    );
  }
  let refused = 0;
  const forged = forge(subject.offer(++calls));
  const until = performance.now() + FORGE_MS;
  const forger = async (): Promise<void> => {
    for (; performance.now() < until; refused++) await send(401)(forged);
  };
  await Promise.all(Array.from({ length: 10 }, forger));
  print(`  ${name.padEnd(8)}  forged: ${Math.round((refused * 1_000) / FORGE_MS)} refused per second`);
  agent.destroy();
  await door.close();
  return fast;
}

const api = await WebhookApi.open();
print('Calls of 20 turns: signed webhooks over HTTP, each answered after a durable commit; ms.');
print('  carrier parallel     p50     p95     p99    count');
const verdicts: boolean[] = [];
for (const subject of [twilio, telnyx, plivo]) verdicts.push(await bench(subject(api)));
api.close();
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
