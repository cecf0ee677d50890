// TurnCarrier: the phone company of the turn bench, in a thread of its own: takes orders, rings, signs and connects streams.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { TurnStream } from './turn-stream.ts';
import type { CarrierStart, FromCarrier, ToCarrier } from './turn-wire.ts';

const { accountSid, authToken } = workerData as CarrierStart;

interface Line {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly answerUrl: string;
  readonly statusUrl: string;
  stream: TurnStream | null;
}

const lines = new Map<string, Line>();
let ringMs = 300;
let doTalk = true;
let dialled = 0;

const tell = (message: FromCarrier): void => parentPort?.postMessage(message);

async function post(line: Line, url: string, status: string): Promise<string> {
  const fields: Record<string, string> = {
    AccountSid: accountSid,
    CallSid: line.sid,
    CallStatus: status,
    Direction: 'outbound-api',
    From: line.from,
    To: line.to,
  };
  const sorted = Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join(''))
    .join('');
  const signature = createHmac('sha1', authToken)
    .update(url + sorted)
    .digest('base64');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    body: new URLSearchParams(fields),
  });
  if (response.status !== 200) throw new Error(`a webhook was answered ${response.status}`);
  return response.text();
}

async function ring(line: Line): Promise<void> {
  await post(line, line.statusUrl, 'ringing');
  await new Promise((resolve) => setTimeout(resolve, ringMs));
  const twiml = await post(line, line.answerUrl, 'in-progress');
  const url = /<Stream[^>]* url="([^"]+)"/.exec(twiml)?.[1];
  if (url === undefined) throw new Error(`no stream in ${twiml}`);
  const token = /name="token" value="([^"]+)"/.exec(twiml)?.[1] ?? null;
  const { to, sid: callSid } = line;
  line.stream = new TurnStream({ url: url.replaceAll('&amp;', '&'), token, to, callSid, doTalk });
}

async function hangUp(line: Line): Promise<void> {
  lines.delete(line.sid);
  line.stream?.hangUp();
  if (line.stream) tell({ kind: 'over', line: line.stream.report });
  await post(line, line.statusUrl, 'completed');
}

const complain = (error: unknown): void => console.error(`the phone company of the bench: ${error}`);

/** Dials, or does what is asked with a call: the answer is the same for all. */
function order(path: string, form: URLSearchParams): string {
  if (!path.endsWith('/Calls.json')) {
    const sid = /\/(CA\w+)\.json$/.exec(path)?.[1] ?? '';
    const line = lines.get(sid);
    if (line && form.get('Status') === 'completed') hangUp(line).catch(complain);
    return sid;
  }
  const field = (name: string): string => form.get(name) ?? '';
  const sid = `CA${(++dialled).toString(16).padStart(32, '0')}`;
  const line: Line = {
    sid,
    to: field('To'),
    from: field('From'),
    answerUrl: field('Url'),
    statusUrl: field('StatusCallback'),
    stream: null,
  };
  lines.set(sid, line);
  setTimeout(() => ring(line).catch(complain), 20);
  return sid;
}

const server = createServer((message, response) => {
  let body = '';
  message.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  message.once('end', () => {
    const sid = order(message.url ?? '', new URLSearchParams(body));
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ sid, status: 'queued' }));
  });
});
server.listen(0, '127.0.0.1', () =>
  tell({ kind: 'listening', port: (server.address() as AddressInfo).port }),
);

parentPort?.on('message', (message: ToCarrier) => {
  if (message.kind === 'people') ({ ringMs, doTalk } = message);
  else for (const line of lines.values()) hangUp(line).catch(complain);
});
