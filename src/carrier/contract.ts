// Contract: the tests every carrier must pass, whatever its wire looks like. Imported by tests only.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Call } from '../call/call.ts';
import type { Instruction } from '../call/instruction.ts';
import type { Carrier, WebhookRequest, WireResponse } from './carrier.ts';

/** What the suite needs to know about a carrier. Calls carry a carrier call id unless they are still dialling. */
export interface CarrierSample {
  readonly carrier: Carrier;
  /** The same carrier without media streams. */
  readonly withoutStreams: Carrier;
  /** When the genuine requests arrive, ms since the epoch. */
  readonly now: number;
  /** Requests the carrier really signed; no two alike. Empty for a carrier that sends none. */
  readonly genuine: readonly WebhookRequest[];
  /** False where a signature covers the body only, so that no address can be wrong. Default true. */
  readonly signsAddress?: boolean;
  /** Requests that are not from the carrier: altered after signing, or signed by somebody else. */
  readonly forged: readonly WebhookRequest[];
  /** Outbound calls that are about to be dialled. */
  readonly dialling: readonly Call[];
  /** Calls that are live. */
  readonly live: readonly Call[];
}

const OPENING = {
  kind: 'say',
  utterance: { id: 'u1', text: 'Hello & <welcome>, "friend".', digits: null, requestId: null },
  turn: null,
} as const satisfies Instruction;

const KEYS = {
  kind: 'say',
  utterance: { id: 'u2', text: '(keys: 1ww2#)', digits: '1ww2#', requestId: null },
  turn: null,
} as const satisfies Instruction;

const STREAM = { kind: 'stream', n: 1, expiresAt: 1_800_000_000_000 } as const satisfies Instruction;

const INSTRUCTIONS: readonly Instruction[] = [
  { kind: 'wait' },
  { kind: 'answer' },
  OPENING,
  { ...OPENING, turn: 1 },
  KEYS,
  { ...KEYS, turn: 1 },
  { kind: 'listen', turn: 2 },
  STREAM,
  { ...STREAM, n: 2 },
  { kind: 'reject' },
  { kind: 'hangup' },
];

const RESPONSES: readonly WireResponse[] = [
  ...[0, 200, 201, 204, 301, 400, 401, 404, 422, 429, 500, 503].flatMap((status) =>
    ['', '{}', 'null', '[]', '"x"', '<html>', '{"code":"x","message":7,"status":{},"sid":[]}'].map(
      (body) => ({
        kind: 'answered' as const,
        status,
        body,
        retryAfterMs: null,
      }),
    ),
  ),
  { kind: 'unreachable', why: 'the line is dead', mayHaveArrived: true },
  { kind: 'unreachable', why: 'the line is dead', mayHaveArrived: false },
];

/** Declares the suite; `name` appears in the names of its tests. */
export function carrierContract(name: string, sample: CarrierSample): void {
  describe(`${name} keeps the contract of a carrier:`, () => {
    verification(sample);
    decoding(sample);
    telling(sample);
    streaming(sample);
    reading(sample);
  });
}

function verification({ carrier, now, genuine, forged, signsAddress = true }: CarrierSample): void {
  it('it accepts every genuine request', () => {
    for (const request of genuine) assert.equal(carrier.verify(request, now).ok, true, request.path);
  });

  it('it refuses every forged request and says why', () => {
    for (const request of forged) {
      const verdict = carrier.verify(request, now);
      assert.equal(verdict.ok, false, request.path);
      assert.ok(verdict.ok || verdict.why.length > 10);
    }
  });

  it('it refuses a genuine request that lost a signature header', () => {
    for (const request of genuine) {
      for (const header of carrier.signatureHeaders) {
        const stripped = { ...request, headers: { ...request.headers, [header]: undefined } };
        assert.equal(carrier.verify(stripped, now).ok, false, header);
      }
    }
  });

  it(`it ${signsAddress ? 'refuses' : 'accepts'} a genuine request at another address`, () => {
    for (const request of genuine) {
      const urls = request.urls.map((url) => url.replace('://', '://elsewhere.'));
      assert.equal(carrier.verify({ ...request, urls }, now).ok, !signsAddress);
      assert.equal(carrier.verify({ ...request, urls: [] }, now).ok, !signsAddress);
    }
  });

  it('its replay key is the same for the same request and never depends on what was not signed', () => {
    for (const request of genuine) {
      const headers = {
        ...request.headers,
        'x-retry': '7',
        'i-twilio-idempotency-token': 'other',
        host: 'x',
      };
      assert.deepEqual(carrier.verify({ ...request, headers }, now), carrier.verify(request, now));
    }
  });

  it('its replay key is another one for another request', () => {
    const keys = genuine
      .map((request) => carrier.verify(request, now))
      .map((v) => (v.ok ? v.replayKey : v.why));
    assert.equal(new Set(keys).size, genuine.length);
  });
}

function decoding({ carrier, now, genuine }: CarrierSample): void {
  it('it makes the same report of the same request', () => {
    for (const request of genuine) {
      const report = carrier.decode(request, now);
      assert.notEqual(report?.carrierCallId, '');
      assert.deepEqual(report, carrier.decode(request, now));
    }
  });

  it('it makes nothing of garbage, and never throws', () => {
    for (const body of [
      '',
      '\0',
      '%',
      '%zz=%',
      '&&&==',
      '{',
      '[]',
      'null',
      '{"data":null}',
      '\ud800=\ud800',
    ]) {
      const garbage = { method: 'POST', path: '/?callId=%&flow', headers: {}, body, urls: [] };
      assert.equal(carrier.decode(garbage, now), null, JSON.stringify(body));
    }
  });

  it('it survives genuine requests that are cut short or scrambled', () => {
    for (const request of genuine) {
      for (let at = 0; at < request.body.length; at++) {
        assert.doesNotThrow(() => carrier.decode({ ...request, body: request.body.slice(0, at) }, now));
        const scrambled = `${request.body.slice(0, at)}%${request.body.slice(at + 1)}`;
        assert.doesNotThrow(() => carrier.decode({ ...request, body: scrambled }, now));
      }
      assert.doesNotThrow(() => carrier.decode({ ...request, path: '' }, now));
    }
  });
}

function telling({ carrier, dialling, live }: CarrierSample): void {
  it('it puts the same instruction into the same bytes', () => {
    for (const call of live) {
      for (const instruction of INSTRUCTIONS) {
        assert.deepEqual(
          carrier.asReply(call, instruction),
          carrier.asReply(structuredClone(call), instruction),
        );
        const requests = carrier.asRequests(call, instruction);
        assert.deepEqual(requests, carrier.asRequests(structuredClone(call), instruction));
      }
    }
    for (const call of dialling) {
      assert.deepEqual(carrier.dial(call, OPENING), carrier.dial(structuredClone(call), OPENING));
    }
  });

  it('it sends something for whatever changes the line, and nothing for a wait', () => {
    for (const call of live) {
      assert.deepEqual(carrier.asRequests(call, { kind: 'wait' }), []);
      const changes = [OPENING, KEYS, { kind: 'listen', turn: 1 }, STREAM, { kind: 'hangup' }] as const;
      for (const instruction of changes) {
        assert.notEqual(carrier.asRequests(call, instruction).length, 0, instruction.kind);
      }
    }
  });

  it('it sends nothing for a call the carrier does not know yet', () => {
    for (const call of dialling) {
      for (const instruction of INSTRUCTIONS) assert.deepEqual(carrier.asRequests(call, instruction), []);
    }
  });

  it('it says which opening went along with the dialling', () => {
    for (const call of dialling) {
      assert.ok(['wait', 'say:u1'].includes(carrier.dial(call, OPENING).told));
      assert.equal(carrier.dial(call, { kind: 'wait' }).told, 'wait');
    }
  });

  it('it acknowledges with success', () => {
    const { status } = carrier.acknowledge();
    assert.ok(status >= 200 && status < 300);
  });
}

function streaming({ carrier, withoutStreams, live }: CarrierSample): void {
  /** What reaches the line: the document it asks for, or the requests it is told by. */
  const told = (call: Call, instruction: Instruction): string =>
    JSON.stringify([carrier.asReply(call, instruction), carrier.asRequests(call, instruction)]);

  it('it connects each media stream of a call under another name', () => {
    assert.equal(carrier.streams, true);
    for (const call of live) {
      assert.notEqual(told(call, STREAM), told(call, { ...STREAM, n: 2 }));
      for (const request of carrier.asRequests(call, STREAM)) assert.equal(request.method, 'POST');
    }
  });

  it('it hangs up a call that streams', () => {
    for (const call of live) {
      const streams: Call = { ...call, streams: 1, stream: { ...STREAM, state: 'open' } };
      assert.deepEqual(
        carrier.asRequests(streams, { kind: 'hangup' }),
        carrier.asRequests(call, { kind: 'hangup' }),
      );
    }
  });

  it('it cannot connect a media stream when streaming is off, and says so', () => {
    for (const call of live) {
      const refusal = { code: 'VC_INTERNAL', message: /streaming is off/ };
      if (carrier.asks) assert.throws(() => withoutStreams.asReply(call, STREAM), refusal);
      assert.throws(() => withoutStreams.asRequests(call, STREAM), refusal);
      for (const instruction of INSTRUCTIONS.filter(({ kind }) => kind !== 'stream')) {
        assert.deepEqual(withoutStreams.asReply(call, instruction), carrier.asReply(call, instruction));
        assert.deepEqual(withoutStreams.asRequests(call, instruction), carrier.asRequests(call, instruction));
      }
    }
  });
}

function reading({ carrier }: CarrierSample): void {
  it('it understands any response, however odd', () => {
    for (const response of RESPONSES) {
      for (const instruction of INSTRUCTIONS)
        assert.doesNotThrow(() => carrier.readTold(instruction, response));
      assert.doesNotThrow(() => carrier.readDialled(response));
      assert.doesNotThrow(() => carrier.readStatus(response));
    }
  });

  it('it takes silence neither for agreement nor for the end of a call', () => {
    for (const response of RESPONSES.filter(({ kind }) => kind === 'unreachable')) {
      const told = carrier.readTold({ kind: 'hangup' }, response);
      assert.equal(told.ok ? 'ok' : told.failure.kind, 'retry');
      assert.equal(carrier.readDialled(response).ok, false);
      assert.equal(carrier.readStatus(response), 'unknown');
    }
  });

  it('it knows a call that is gone', () => {
    const gone: WireResponse = { kind: 'answered', status: 404, body: '{"code":20404}', retryAfterMs: null };
    const told = carrier.readTold({ kind: 'hangup' }, gone);
    assert.equal(told.ok ? 'ok' : told.failure.kind, 'gone');
    assert.equal(carrier.readStatus(gone), 'over');
  });
}
