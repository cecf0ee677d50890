// Bench: signed webhooks through real HTTP to our door, answered after a durable commit, and how fast forged ones are refused.
import { createHmac, sign as ed25519, generateKeyPairSync } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { CarrierSettings } from '../src/config/settings.ts';
import { ORIGIN, PUBLIC_URL } from './webhook-origin.ts';

/** Turns of one call before the next one begins: a long call. */
const TURNS = 20;
const MEASURE_MS = 2_500;
const FORGE_MS = 1_500;
const TOKEN = 'throw-away-token';

interface Letter {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Subject {
  readonly settings: CarrierSettings;
  /** A caller offers call number `call` to us. */
  readonly offer: (call: number) => Letter;
  /** The caller's words, in answer to the document or at the time we got `answer`. */
  readonly words: (call: number, turn: number, answer: string) => Letter;
  readonly over: (call: number) => Letter;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const hex = (n: number): string => n.toString(16).padStart(32, '0');
type Fields = Readonly<Record<string, string>>;

/** Where the document we answered with sends the caller's words. */
function actionIn(document: string): string {
  const found = /action="([^"]+)"/.exec(document)?.[1];
  if (found === undefined) throw new Error(`no action in ${document}`);
  return found.replaceAll('&amp;', '&');
}

const sorted = (fields: Fields): string =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join(''))
    .join('');

function twilio(api: string): Subject {
  const accountSid = `AC${hex(1)}`;
  const letter = (call: number, url: string, more: Fields): Letter => {
    const fields = {
      AccountSid: accountSid,
      CallSid: `CA${hex(call)}`,
      Direction: 'inbound',
      From: '+15550001234',
      To: '+15550005678',
      ...more,
    };
    const signature = createHmac('sha1', TOKEN)
      .update(url + sorted(fields))
      .digest('base64');
    const headers = { ...FORM, 'x-twilio-signature': signature };
    return { path: url.slice(ORIGIN.length), headers, body: `${new URLSearchParams(fields)}` };
  };
  return {
    settings: { name: 'twilio', accountSid, authToken: TOKEN, region: 'us1', apiBaseUrl: api },
    offer: (call) => letter(call, PUBLIC_URL, { CallStatus: 'ringing' }),
    words: (call, turn, answer) =>
      letter(call, actionIn(answer), {
        CallStatus: 'in-progress',
        SpeechResult: `Question ${turn}`,
        Confidence: '0.9',
      }),
    over: (call) => letter(call, PUBLIC_URL, { CallStatus: 'completed' }),
  };
}

function plivo(api: string): Subject {
  let nonce = 0;
  const letter = (call: number, url: string, more: Fields): Letter => {
    const id = hex(call).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const fields = { CallUUID: id, Direction: 'inbound', From: '15550001234', To: '15550005678', ...more };
    const [page = '', query = ''] = url.split('?');
    const asked = query.split('&').sort().join('&');
    const signed = `${page}?${asked === '' ? '' : `${asked}.`}${sorted(fields)}.${++nonce}`;
    const signature = createHmac('sha256', TOKEN).update(signed).digest('base64');
    const headers = { ...FORM, 'x-plivo-signature-v3': signature, 'x-plivo-signature-v3-nonce': `${nonce}` };
    return { path: url.slice(ORIGIN.length), headers, body: `${new URLSearchParams(fields)}` };
  };
  return {
    settings: { name: 'plivo', authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: TOKEN, apiBaseUrl: api },
    offer: (call) => letter(call, PUBLIC_URL, { CallStatus: 'ringing', Event: 'StartApp' }),
    words: (call, turn, answer) =>
      letter(call, actionIn(answer), {
        CallStatus: 'in-progress',
        InputType: 'speech',
        Speech: `Question ${turn}`,
      }),
    over: (call) => letter(call, PUBLIC_URL, { CallStatus: 'completed', Event: 'Hangup' }),
  };
}

function telnyx(api: string): Subject {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  let id = 0;
  const letter = (call: number, type: string, more: Readonly<Record<string, unknown>>): Letter => {
    const payload = {
      call_control_id: `v3:${hex(call)}`,
      connection_id: '1',
      direction: 'incoming',
      from: '+15550001234',
      to: '+15550005678',
      client_state: null,
      ...more,
    };
    const occurred = new Date().toISOString();
    const data = { record_type: 'event', event_type: type, id: hex(++id), occurred_at: occurred, payload };
    const body = JSON.stringify({ data, meta: { attempt: 1 } });
    const stamp = `${Math.floor(Date.now() / 1_000)}`;
    const signature = ed25519(null, Buffer.from(`${stamp}|${body}`), privateKey).toString('base64');
    const headers = {
      'content-type': 'application/json',
      'telnyx-signature-ed25519': signature,
      'telnyx-timestamp': stamp,
    };
    return { path: new URL(PUBLIC_URL).pathname, headers, body };
  };
  return {
    settings: { name: 'telnyx', apiKey: 'KEY', connectionId: '1', publicKey: raw, apiBaseUrl: api },
    offer: (call) => letter(call, 'call.initiated', { state: 'parked' }),
    words: (call, turn) =>
      turn === 1
        ? letter(call, 'call.answered', {})
        : letter(call, 'call.transcription', {
            transcription_data: { transcript: `Question ${turn}`, is_final: true, confidence: 0.9 },
          }),
    over: (call) => letter(call, 'call.hangup', { hangup_cause: 'normal_clearing', hangup_source: 'caller' }),
  };
}

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
      let answer = await timed(subject.offer(call));
      for (let turn = 1; turn <= TURNS; turn++) answer = await timed(subject.words(call, turn, answer));
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

/** The carrier's REST API: agrees to everything at once. */
const api = createServer((message, response) => {
  message.resume();
  message.once('end', () => response.end('{"data":{"result":"ok"}}'));
});
await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
const apiBaseUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;

print('Calls of 20 turns: signed webhooks over HTTP, each answered after a durable commit; ms.');
print('  carrier parallel     p50     p95     p99    count');
const verdicts: boolean[] = [];
for (const subject of [twilio, telnyx, plivo]) verdicts.push(await bench(subject(apiBaseUrl)));
api.closeAllConnections();
api.close();
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
