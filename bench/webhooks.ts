// Bench: signed webhooks through real HTTP to our door, answered after a durable commit, beside a bare node:http server.
import { Agent, request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { scratchFolder } from '../tools/scratch.ts';
import {
  codeFor,
  HEAD,
  keep,
  type Measured,
  machine,
  option,
  print,
  printRow,
  type Row,
  rowOf,
} from './figures.ts';
import { WebhookApi } from './webhook-api.ts';
import { type Letter, plivo, type Subject, telnyx, twilio } from './webhook-subjects.ts';

/** Turns of one call before the next one begins: a long call. */
const TURNS = 20;
const MEASURE_MS = Number(option('ms') ?? 2_500);
const FORGE_MS = MEASURE_MS * 0.6;
const BARE_MS = MEASURE_MS * 0.4;
/** Calls in parallel, and the p95 a webhook may take then; ms. */
const LOADS = [
  { parallel: 1, limit: 5 },
  { parallel: 10, limit: 15 },
] as const;
const FORGERS = 10;

const forge = (letter: Letter): Letter => ({ ...letter, body: letter.body.replace('1234', '1235') });

interface Answer {
  readonly status: number;
  readonly contentType: string;
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
      const { statusCode: status = 0, headers: had } = response;
      response.once('end', () => resolve({ status, contentType: had['content-type'] ?? '', text }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** Posts a webhook; rejects when it is not answered as it should be. */
type Send = (letter: Letter) => Promise<Answer>;

function senderTo(port: number, agent: Agent, status: number): Send {
  return async (letter) => {
    const answer = await post(port, agent, letter);
    if (answer.status !== status) throw new Error(`answered ${answer.status}, not ${status}`);
    return answer;
  };
}

/** Runs `lane` so many times at once, each until `ms` have passed; what each webhook took, ms. */
async function timed(
  { parallel, ms, send }: { parallel: number; ms: number; send: Send },
  lane: (send: Send) => Promise<void>,
): Promise<readonly number[]> {
  const times: number[] = [];
  const until = performance.now() + ms;
  const timing: Send = async (letter) => {
    const began = performance.now();
    const answer = await send(letter);
    times.push(performance.now() - began);
    return answer;
  };
  const run = async (): Promise<void> => {
    while (performance.now() < until) await lane(timing);
  };
  await Promise.all(Array.from({ length: parallel }, run));
  return times;
}

let calls = 0;

/** One whole call; gives the last question and its answer. */
async function converse(subject: Subject, send: Send): Promise<{ letter: Letter; answer: Answer }> {
  const call = ++calls;
  let told = subject.told(call, 0);
  let letter = subject.offer(call);
  let answer = await send(letter);
  for (let turn = 1; turn <= TURNS; turn++) {
    await told;
    told = subject.told(call, turn);
    for (letter of subject.words(call, turn, answer.text)) answer = await send(letter);
  }
  await told;
  await send(subject.over(call));
  return { letter, answer };
}

interface Thread {
  readonly port: number;
  close(): Promise<void>;
}

/** Who answers has a thread of its own: the carrier, which signs and waits, is not ours to pay for. */
function openThread(file: string, workerData: object): Promise<Thread> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
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

const rows: Row[] = [];
function show(measured: Measured, values: readonly number[]): void {
  const row = rowOf({ ...measured, id: `webhooks.${measured.id}` }, values);
  rows.push(row);
  printRow(row);
}

async function bench(subject: Subject): Promise<void> {
  const { name } = subject.settings;
  const door = await openThread('./webhook-door.ts', {
    carrier: subject.settings,
    storeDir: scratchFolder('bench'),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const send = senderTo(door.port, agent, 200);
  const sample = await converse(subject, send);
  const bare = await openThread('./webhook-bare.ts', sample.answer);
  const sendBare = senderTo(bare.port, agent, 200);
  for (const { parallel, limit } of LOADS) {
    show(
      {
        id: `bare.${name}.${parallel}`,
        what: `${parallel} in parallel: bare node:http, the bytes of ${name}`,
      },
      await timed({ parallel, ms: BARE_MS, send: sendBare }, async (to) => void (await to(sample.letter))),
    );
    show(
      {
        id: `${name}.${parallel}`,
        what: `${parallel} in parallel: a webhook of ${name}`,
        limits: { p95: limit },
        beside: `webhooks.bare.${name}.${parallel}`,
      },
      await timed({ parallel, ms: MEASURE_MS, send }, async (to) => void (await converse(subject, to))),
    );
  }
  const forged = forge(subject.offer(++calls));
  const refused = await timed(
    { parallel: FORGERS, ms: FORGE_MS, send: senderTo(door.port, agent, 401) },
    async (to) => void (await to(forged)),
  );
  show(
    {
      id: `${name}.refused`,
      what: `forged webhooks of ${name} refused`,
      unit: 'a second',
      isMoreBetter: true,
    },
    [(refused.length * 1_000) / FORGE_MS],
  );
  agent.destroy();
  await Promise.all([door.close(), bare.close()]);
}

const api = await WebhookApi.open();
print(
  `Calls of ${TURNS} turns: signed webhooks over HTTP, each answered after a durable commit; ms. ${machine()}`,
);
print(HEAD);
for (const subject of [twilio, telnyx, plivo]) await bench(subject(api));
api.close();
print(`  figures: ${keep('webhooks', rows)}`);
process.exitCode = codeFor(rows);
