// Tests of requests.ts: the official client sends the same over the wire, and every answer is understood.
import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import twilio from 'twilio';
import RequestClient from 'twilio/lib/base/RequestClient.js';
import type {
  CallContextUpdateOptions,
  CallListInstanceCreateOptions,
} from 'twilio/lib/rest/api/v2010/account/call.js';
import { HandClock } from '../../../sim/hand-clock.ts';
import {
  CALL_SID,
  inboundCall,
  liveCall,
  NOW,
  options,
  outboundCall,
} from '../../../test/wire/twilio/samples.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { WireRequest, WireResponse } from '../carrier.ts';
import { httpTransport } from '../http.ts';
import { twilioApiBase, twilioCarrier } from './index.ts';

const carrier = twilioCarrier(options);
const says = (text: string, turn: number | null): Instruction => ({
  kind: 'say',
  utterance: { id: 'u1', text, digits: null, requestId: null },
  turn,
});
const hello = says('Hello & goodbye.', null);
const long = says('This is far too long. '.repeat(300), null);
const fieldsOf = (request: WireRequest | undefined): URLSearchParams =>
  new URLSearchParams(request?.body ?? '');
const at = (query: string): string =>
  `${options.address.webhookUrl}?callId=${outboundCall().id}&flow=${query}`;

interface Arrived {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly fields: readonly (readonly [string, string])[];
}

/** A server that only listens, to compare what two clients send. */
const arrivals: Arrived[] = [];
const server = createServer((request, reply) => {
  const headers: IncomingHttpHeaders = request.headers;
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => {
    arrivals.push({
      method: request.method,
      url: request.url,
      authorization: headers.authorization,
      type: headers['content-type']?.split(';')[0],
      fields: [...new URLSearchParams(body)].sort(),
    });
    reply.writeHead(request.method === 'POST' && request.url?.endsWith('/Calls.json') ? 201 : 200, {
      'content-type': 'application/json',
    });
    reply.end(JSON.stringify({ sid: CALL_SID, status: 'queued' }));
  });
});

let base = '';
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** The official client, whose requests go to our server instead. */
class LoopbackClient extends RequestClient {
  override request<TData>(opts: RequestClient.RequestOptions<TData>) {
    const { pathname, search } = new URL(opts.uri);
    return super.request<TData>({ ...opts, uri: `${base}${pathname}${search}` });
  }
}

const official = () =>
  twilio(options.accountSid, options.authToken, { httpClient: new LoopbackClient({ timeout: 5_000 }) });

/** Sends ours and lets the official client send its own; both must have arrived alike. */
async function sameOnTheWire(ours: WireRequest | undefined, theirs: () => Promise<unknown>): Promise<void> {
  const { host } = new URL(base);
  const send = httpTransport({ allowedHosts: new Set([host]), clock: new HandClock() });
  const response = await send(ours ?? assert.fail('nothing is sent'), new AbortController().signal);
  assert.equal(response.kind, 'answered');
  await theirs();
  const [mine, expected] = arrivals.splice(0);
  assert.deepEqual(mine, expected);
}

describe('the official client sends the same when it', () => {
  const local = () => twilioCarrier({ ...options, apiBaseUrl: `${base}/` });
  const dialling = {
    to: '+15550001234',
    from: '+15550100002',
    timeout: 30,
    timeLimit: 300,
    statusCallbackMethod: 'POST',
    statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  };

  it('dials a conversation', async () => {
    const params = {
      ...dialling,
      statusCallback: at('status'),
      url: at('answer'),
      method: 'POST',
    } satisfies CallListInstanceCreateOptions;
    const { request } = local().dial(outboundCall(), says('Hello.', 1));
    await sameOnTheWire(request, () => official().calls.create(params));
  });

  it('dials with the message in the request', async () => {
    const call = outboundCall({}, 'notify');
    const params = {
      ...dialling,
      statusCallback: at('status&opening=inline'),
      twiml: carrier.asReply(call, hello).body,
    } satisfies CallListInstanceCreateOptions;
    await sameOnTheWire(local().dial(call, hello).request, () => official().calls.create(params));
  });

  it('tells the line something new', async () => {
    const call = liveCall();
    const params = { twiml: carrier.asReply(call, hello).body } satisfies CallContextUpdateOptions;
    const [request] = local().asRequests(call, hello);
    await sameOnTheWire(request, () => official().calls(CALL_SID).update(params));
  });

  it('connects a media stream', async () => {
    const stream = { kind: 'stream', n: 2, expiresAt: NOW + 10_000 } as const;
    const twiml = carrier.asReply(liveCall(), stream).body;
    assert.match(twiml, /<Connect><Stream url="wss:/);
    const [request] = local().asRequests(liveCall(), stream);
    await sameOnTheWire(request, () =>
      official()
        .calls(CALL_SID)
        .update({ twiml } satisfies CallContextUpdateOptions),
    );
  });

  it('lets the line fetch what is too long for a request', async () => {
    const params = { url: at('wait&asked=0'), method: 'POST' } satisfies CallContextUpdateOptions;
    const [request] = local().asRequests(liveCall(), long);
    await sameOnTheWire(request, () => official().calls(CALL_SID).update(params));
  });

  it('hangs up', async () => {
    for (const kind of ['hangup', 'reject'] as const) {
      const params = { status: 'completed' } satisfies CallContextUpdateOptions;
      const [request] = local().asRequests(liveCall(), { kind });
      await sameOnTheWire(request, () => official().calls(CALL_SID).update(params));
    }
  });

  it('takes over a call that came in', async () => {
    const params = {
      statusCallback: at('status'),
      statusCallbackMethod: 'POST',
      timeLimit: 300,
    } satisfies CallContextUpdateOptions;
    const [request] = local().adopt(inboundCall());
    await sameOnTheWire(request, () => official().calls(CALL_SID).update(params));
  });

  it('asks how a call stands', async () => {
    await sameOnTheWire(local().statusRequest(liveCall()), () => official().calls(CALL_SID).fetch());
  });
});

describe('dialling', () => {
  it('carries a message along only when it is one and fits', () => {
    assert.equal(carrier.dial(outboundCall({}, 'notify'), hello).told, 'say:u1');
    for (const [mode, opening] of [
      ['notify', long],
      ['notify', { kind: 'wait' }],
      ['conversation', hello],
    ] as const) {
      const { told, request } = carrier.dial(outboundCall({}, mode), opening);
      assert.equal(told, 'wait');
      assert.deepEqual([fieldsOf(request).has('Twiml'), fieldsOf(request).get('Url')], [false, at('answer')]);
      assert.equal(fieldsOf(request).get('StatusCallback'), at('status'));
    }
  });

  it('never puts more into a request than Twilio takes', () => {
    const lengths = Array.from({ length: 120 }, (_, at) => 3_300 + at * 5);
    const dials = lengths.map((length) =>
      carrier.dial(outboundCall({}, 'notify'), says('&'.repeat(length / 5), null)),
    );
    assert.deepEqual(new Set(dials.map(({ told }) => told)), new Set(['say:u1', 'wait']));
    for (const { request } of dials) assert.ok((fieldsOf(request).get('Twiml') ?? '').length <= 4_000);
  });

  it('rings and lasts whole seconds, within what Twilio allows', () => {
    const fields = (ringTimeoutMs: number, maxDurationMs: number): readonly (string | null)[] => {
      const request = fieldsOf(carrier.dial(outboundCall({ ringTimeoutMs, maxDurationMs }), hello).request);
      return [request.get('Timeout'), request.get('TimeLimit')];
    };
    assert.deepEqual(fields(20_001, 60_001), ['21', '61']);
    assert.deepEqual(fields(900_000, 1), ['600', '1']);
  });

  it('goes to the host of the region, or to the simulator', () => {
    const base = (region: 'us1' | 'ie1' | 'au1', apiBaseUrl: string | null = null): string =>
      twilioApiBase({ region, apiBaseUrl });
    assert.equal(base('us1'), 'https://api.twilio.com');
    assert.equal(base('ie1'), 'https://api.dublin.ie1.twilio.com');
    assert.equal(base('au1'), 'https://api.sydney.au1.twilio.com');
    assert.equal(base('au1', 'http://127.0.0.1:4010/'), 'http://127.0.0.1:4010');
    const elsewhere = twilioCarrier({ ...options, region: 'ie1' }).dial(outboundCall(), hello);
    assert.ok(elsewhere.request.url.startsWith('https://api.dublin.ie1.twilio.com/2010-04-01/Accounts/AC'));
  });
});

const answer = (status: number, body: unknown = {}, retryAfterMs: number | null = null): WireResponse => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  retryAfterMs,
});
const refusal = (status: number, code: number, message = 'no'): WireResponse =>
  answer(status, { code, message, status });
const lost = (mayHaveArrived: boolean): WireResponse => ({
  kind: 'unreachable',
  why: 'ECONNRESET',
  mayHaveArrived,
});

describe('the answer to dialling', () => {
  const why = (response: WireResponse): string => {
    const dialled = carrier.readDialled(response);
    return dialled.ok ? assert.fail('it is taken for success') : dialled.why;
  };

  it('brings the id of the call', () => {
    assert.deepEqual(carrier.readDialled(answer(201, { sid: CALL_SID })), {
      ok: true,
      carrierCallId: CALL_SID,
    });
  });

  it('names the cure where there is a known one', () => {
    assert.match(why(refusal(401, 20003)), /^Twilio API error: 401 20003 no\. Check twilio\.accountSid/);
    assert.match(why(answer(401, 'Unauthorized')), /authToken/);
    assert.match(why(refusal(400, 21211)), /number to call/);
    assert.match(why(refusal(400, 21210)), /fromNumber/);
    assert.match(why(refusal(400, 21215)), /Geo permissions/);
    assert.match(why(refusal(400, 21219)), /trial account/);
    assert.equal(why(refusal(400, 13225)), 'Twilio API error: 400 13225 no');
  });

  it('hides the numbers Twilio quotes', () => {
    assert.equal(
      why(refusal(400, 1, "'+15550001234' is not valid")),
      "Twilio API error: 400 1 '+1********34' is not valid",
    );
  });

  it('says whether the call may have been placed all the same', () => {
    assert.match(why(lost(true)), /did not answer.*may have been placed.*not repeated/);
    assert.match(why(lost(false)), /Nothing was dialled; try again/);
    assert.match(why(answer(503, '<html>')), /503.*may have been placed/);
    assert.match(why(answer(201, {})), /without a call id.*may have been placed/);
    assert.match(why(answer(200, { sid: 'CAx' })), /without a call id/);
  });

  it('says when to try again after too many requests', () => {
    assert.match(why(refusal(429, 20429)), /nothing was dialled, try again in a while/);
    assert.match(why(answer(429, {}, 1_500)), /try again in 2 s/);
  });
});

describe('the answer to an instruction', () => {
  const hangup: Instruction = { kind: 'hangup' };
  const verdict = (instruction: Instruction, response: WireResponse): string => {
    const told = carrier.readTold(instruction, response);
    return told.ok ? 'ok' : told.failure.kind;
  };

  it('is agreement, a call that is gone, a reason to repeat it or a refusal', () => {
    assert.equal(verdict(hello, answer(200, {})), 'ok');
    for (const response of [refusal(404, 20404), answer(404, 'nope')])
      assert.equal(verdict(hello, response), 'gone');
    for (const response of [refusal(429, 20429), answer(500), answer(503), lost(true), lost(false)]) {
      assert.equal(verdict(hello, response), 'retry');
    }
    for (const response of [refusal(400, 21218), refusal(401, 20003), answer(302)]) {
      assert.equal(verdict(hello, response), 'refused');
    }
  });

  it('not in progress means over when we leave, and not yet when we stay', () => {
    assert.equal(verdict(hangup, refusal(400, 21220)), 'gone');
    assert.equal(verdict({ kind: 'reject' }, refusal(400, 21220)), 'gone');
    assert.equal(verdict(hello, refusal(400, 21220)), 'retry');
    assert.equal(verdict({ kind: 'listen', turn: 1 }, refusal(400, 21220)), 'retry');
  });

  it('is quoted with the status and code, without numbers', () => {
    const told = carrier.readTold(hello, refusal(400, 21218, 'to +15550001234'));
    assert.equal(!told.ok && told.failure.why, 'Twilio API error: 400 21218 to +1********34');
  });
});

it('how a call stands is known only when Twilio says so', () => {
  const stands = (status: string) => carrier.readStatus(answer(200, { status }));
  for (const status of ['queued', 'initiated', 'ringing', 'in-progress'])
    assert.equal(stands(status), 'live');
  for (const status of ['completed', 'busy', 'no-answer', 'failed', 'canceled'])
    assert.equal(stands(status), 'over');
  assert.equal(carrier.readStatus(answer(404, {})), 'over');
  for (const response of [
    answer(200, '<html>'),
    answer(200, {}),
    answer(401),
    answer(429),
    answer(500),
    lost(false),
  ]) {
    assert.equal(carrier.readStatus(response), 'unknown');
  }
});

it('a call without an id at Twilio cannot be asked about', () => {
  assert.throws(() => carrier.statusRequest(outboundCall()), { code: 'VC_INTERNAL' });
  assert.deepEqual(carrier.adopt(outboundCall()), []);
});
