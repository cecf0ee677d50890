// Tests of commands.ts: the official client sends the same over the wire, and no command can do its work twice.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import Telnyx from 'telnyx';
import { HandClock } from '../../../sim/hand-clock.ts';
import {
  CONTROL_ID,
  inboundCall,
  liveCall,
  NOW,
  options,
  outboundCall,
  stateOf,
} from '../../../test/wire/telnyx/samples.ts';
import type { Call } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { WireRequest } from '../carrier.ts';
import { httpTransport } from '../http.ts';
import { telnyxCarrier } from './index.ts';

const carrier = telnyxCarrier(options);
const { id } = outboundCall();
const says = (text: string, turn: number | null, digits: string | null = null): Instruction => ({
  kind: 'say',
  utterance: { id: 'u1', text, digits, requestId: null },
  turn,
});
const hello = says('Hello & goodbye.', null);
const bodyOf = (request: WireRequest | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(request?.body ?? assert.fail('nothing is sent'));
const actionsOf = (call: Call, instruction: Instruction): readonly (string | undefined)[] =>
  carrier.asRequests(call, instruction).map(({ method, url }) => `${method} ${url.split('/').at(-1)}`);

interface Arrived {
  readonly method: string | undefined;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly type: string | undefined;
  readonly body: unknown;
}

/** A server that only listens, to compare what two clients send. */
const arrivals: Arrived[] = [];
const server = createServer((request, reply) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  request.on('end', () => {
    arrivals.push({
      method: request.method,
      path: decodeURIComponent(request.url ?? ''),
      authorization: request.headers.authorization,
      type: request.headers['content-type']?.split(';')[0],
      body: body === '' ? null : JSON.parse(body),
    });
    reply.writeHead(200, { 'content-type': 'application/json' });
    reply.end('{"data":{"result":"ok"}}');
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

const local = () => telnyxCarrier({ ...options, apiBaseUrl: `${base}/` });
const official = () => new Telnyx({ apiKey: options.apiKey, baseURL: `${base}/v2`, maxRetries: 0 });

/** Sends ours and lets the official client send its own; both must have arrived alike. */
async function sameOnTheWire(
  ours: readonly (WireRequest | undefined)[],
  theirs: () => Promise<unknown>,
): Promise<void> {
  const { host } = new URL(base);
  const send = httpTransport({ allowedHosts: new Set([host]), clock: new HandClock() });
  for (const request of ours) {
    const response = await send(request ?? assert.fail('nothing is sent'), new AbortController().signal);
    assert.equal(response.kind, 'answered');
  }
  await theirs();
  const all = arrivals.splice(0);
  assert.equal(all.length, 2 * ours.length);
  assert.deepEqual(all.slice(0, ours.length), all.slice(ours.length));
}

describe('the official client sends the same when it', () => {
  it('dials', async () => {
    const params = {
      connection_id: options.connectionId,
      to: '+15550001234',
      from: '+15550100002',
      timeout_secs: 30,
      time_limit_secs: 300,
      webhook_url: options.address.webhookUrl,
      webhook_url_method: 'POST',
      client_state: stateOf(),
      command_id: `dial-${id}`,
    } satisfies Telnyx.CallDialParams;
    const { request, told } = local().dial(outboundCall(), hello);
    assert.equal(told, 'wait');
    await sameOnTheWire([request], () => official().calls.dial(params));
  });

  it('picks up', async () => {
    const params = {
      client_state: stateOf(),
      command_id: `answer-${id}`,
      webhook_url: options.address.webhookUrl,
      webhook_url_method: 'POST',
    } satisfies Telnyx.Calls.ActionAnswerParams;
    await sameOnTheWire(local().asRequests(inboundCall(), { kind: 'answer' }), () =>
      official().calls.actions.answer(CONTROL_ID, params),
    );
  });

  it('turns a caller away', async () => {
    const params = {
      cause: 'CALL_REJECTED',
      client_state: stateOf(),
      command_id: `reject-${id}`,
    } satisfies Telnyx.Calls.ActionRejectParams;
    await sameOnTheWire(local().asRequests(inboundCall(), { kind: 'reject' }), () =>
      official().calls.actions.reject(CONTROL_ID, params),
    );
  });

  it('hangs up', async () => {
    const params = {
      client_state: stateOf(),
      command_id: `hangup-${id}-0`,
    } satisfies Telnyx.Calls.ActionHangupParams;
    await sameOnTheWire(local().asRequests(liveCall(), { kind: 'hangup' }), () =>
      official().calls.actions.hangup(CONTROL_ID, params),
    );
  });

  const speaking = {
    payload: 'Hello & goodbye.',
    voice: 'AWS.Polly.Joanna',
    language: 'en-US',
    service_level: 'premium',
    command_id: `say-${id}-u1`,
  } as const;
  const hearing = (turn: number) =>
    ({
      transcription_engine: 'Google',
      transcription_engine_config: { transcription_engine: 'Google', language: 'en', interim_results: false },
      transcription_tracks: 'inbound',
      command_id: `listen-${id}-${turn}`,
    }) as const;

  it('says something', async () => {
    const params = {
      ...speaking,
      client_state: stateOf(null, 'u1'),
    } satisfies Telnyx.Calls.ActionSpeakParams;
    await sameOnTheWire(local().asRequests(liveCall(), hello), () =>
      official().calls.actions.speak(CONTROL_ID, params),
    );
  });

  it('says something and listens for the answer', async () => {
    const client_state = stateOf(2, 'u1');
    const speak = { ...speaking, client_state } satisfies Telnyx.Calls.ActionSpeakParams;
    const listen = { ...hearing(2), client_state } satisfies Telnyx.Calls.ActionStartTranscriptionParams;
    await sameOnTheWire(local().asRequests(liveCall(), says('Hello & goodbye.', 2)), async () => {
      await official().calls.actions.speak(CONTROL_ID, speak);
      await official().calls.actions.startTranscription(CONTROL_ID, listen);
    });
  });

  it('listens', async () => {
    const client_state = stateOf(2);
    const update = { client_state } satisfies Telnyx.Calls.ActionUpdateClientStateParams;
    const listen = { ...hearing(2), client_state } satisfies Telnyx.Calls.ActionStartTranscriptionParams;
    await sameOnTheWire(local().asRequests(liveCall(), { kind: 'listen', turn: 2 }), async () => {
      await official().calls.actions.updateClientState(CONTROL_ID, update);
      await official().calls.actions.startTranscription(CONTROL_ID, listen);
    });
  });

  const streamed = { n: 1, expiresAt: NOW + 10_000 };
  const streaming = (stream: typeof streamed) => {
    const { url, token } = options.address.streamUrl(id, stream.n, stream.expiresAt);
    return {
      stream_url: url,
      stream_track: 'inbound_track',
      stream_codec: 'PCMU',
      stream_bidirectional_mode: 'rtp',
      stream_bidirectional_codec: 'PCMU',
      stream_bidirectional_sampling_rate: 8_000,
      stream_bidirectional_target_legs: 'both',
      custom_parameters: [{ name: 'token', value: token }],
      client_state: stateOf(null, null, stream),
      command_id: `stream-${id}-${stream.n}`,
    } satisfies Telnyx.Calls.ActionStartStreamingParams;
  };

  it('connects a media stream', async () => {
    await sameOnTheWire(local().asRequests(liveCall(), { kind: 'stream', ...streamed }), () =>
      official().calls.actions.startStreaming(CONTROL_ID, streaming(streamed)),
    );
  });

  it('connects another one, after what is left of the last is stopped', async () => {
    const second = { ...streamed, n: 2 };
    const stop = {
      client_state: stateOf(null, null, second),
      command_id: `unstream-${id}-1`,
    } satisfies Telnyx.Calls.ActionStopStreamingParams;
    await sameOnTheWire(local().asRequests(liveCall(), { kind: 'stream', ...second }), async () => {
      await official().calls.actions.stopStreaming(CONTROL_ID, stop);
      await official().calls.actions.startStreaming(CONTROL_ID, streaming(second));
    });
  });

  it('presses keys', async () => {
    const params = {
      digits: '1ww2#',
      client_state: stateOf(null, 'u1'),
      command_id: `say-${id}-u1`,
    } satisfies Telnyx.Calls.ActionSendDtmfParams;
    await sameOnTheWire(local().asRequests(liveCall(), says('(keys: 1ww2#)', null, '1ww2#')), () =>
      official().calls.actions.sendDtmf(CONTROL_ID, params),
    );
  });

  it('asks how a call stands', async () => {
    await sameOnTheWire([local().statusRequest(liveCall())], () =>
      official().calls.retrieveStatus(CONTROL_ID),
    );
  });
});

describe('dialling', () => {
  const limits = (ringTimeoutMs: number, maxDurationMs: number): readonly unknown[] => {
    const body = bodyOf(carrier.dial(outboundCall({ ringTimeoutMs, maxDurationMs }), hello).request);
    return [body['timeout_secs'], body['time_limit_secs']];
  };

  it('rings and lasts whole seconds, within what Telnyx allows', () => {
    assert.deepEqual(limits(20_001, 60_001), [21, 61]);
    assert.deepEqual(limits(1, 1), [5, 30]);
    assert.deepEqual(limits(900_000, 99_999_000), [600, 14_400]);
  });

  it('of a call that is to last longer than Telnyx lets it is refused beforehand', () => {
    assert.equal(carrier.unsupported(outboundCall({ maxDurationMs: 14_400_000 })), null);
    assert.match(
      carrier.unsupported(outboundCall({ maxDurationMs: 14_400_001 })) ?? '',
      /calls of 14401 s \(maxDurationSeconds\).*14400 s/,
    );
  });

  it('of the same call is the same command, however often', () => {
    const once = bodyOf(carrier.dial(outboundCall(), hello).request);
    assert.equal(once['command_id'], bodyOf(carrier.dial(outboundCall(), hello).request)['command_id']);
  });
});

describe('speaking', () => {
  const spoken = (call: Call): unknown => bodyOf(carrier.asRequests(call, hello)[0])['stop'];
  const entry = (utteranceId: string, outcome: 'heard' | 'playing') =>
    ({ at: 0, speaker: 'agent', text: 'x', utteranceId, requestId: null, outcome }) as const;

  it('takes the place of what was being said before, but never of itself', () => {
    assert.equal(spoken(liveCall()), undefined);
    assert.equal(spoken({ ...liveCall(), transcript: [entry('u1', 'playing')] }), undefined);
    assert.equal(
      spoken({ ...liveCall(), transcript: [entry('u0', 'heard'), entry('u1', 'playing')] }),
      'all',
    );
  });

  it('comes before listening, so that nothing delays the words', () => {
    assert.deepEqual(actionsOf(liveCall(), says('Hello?', 1)), ['POST speak', 'POST transcription_start']);
    assert.deepEqual(actionsOf(liveCall(), says('(keys: 1)', 1, '1')), [
      'POST send_dtmf',
      'POST transcription_start',
    ]);
  });

  it('of a long text goes in parts, in order, and only the first stops what came before', () => {
    const text = 'This is far too long. '.repeat(300).trim();
    const call: Call = { ...liveCall(), transcript: [entry('u0', 'heard')] };
    const bodies = carrier.asRequests(call, says(text, 1)).map(bodyOf);
    const parts = bodies.slice(0, -1);
    assert.equal(parts.length, 3);
    assert.equal(parts.map(({ payload }) => payload).join(' '), text);
    assert.ok(parts.every(({ payload }) => String(payload).length <= 3_000));
    assert.deepEqual(
      parts.map(({ stop, command_id }) => [stop, command_id]),
      [
        ['all', `say-${id}-u1-1`],
        [undefined, `say-${id}-u1-2`],
        [undefined, `say-${id}-u1-3`],
      ],
    );
  });

  it('of a long text is nameless, for the end of its first part would pass for the end of all', () => {
    const text = 'This is far too long. '.repeat(300);
    const [first, last] = [says(text, null), says(text, 4)].map((say) => {
      const bodies = carrier.asRequests(liveCall(), say).map(bodyOf);
      return new Set(bodies.slice(0, 3).map((body) => body['client_state']));
    });
    assert.deepEqual([...(first ?? [])], [stateOf(null, null)]);
    assert.deepEqual([...(last ?? [])], [stateOf(4, null)]);
  });
});

describe('a call whose media streams were given up', () => {
  const call: Call = { ...liveCall(), streams: 2 };

  it('is rid of the last one before anything is said or listened for', () => {
    assert.deepEqual(actionsOf(call, says('Hello?', 1)), [
      'POST streaming_stop',
      'POST speak',
      'POST transcription_start',
    ]);
    assert.deepEqual(actionsOf(call, { kind: 'listen', turn: 1 }), [
      'POST streaming_stop',
      'PUT client_state_update',
      'POST transcription_start',
    ]);
    const [stop] = carrier.asRequests(call, hello).map(bodyOf);
    assert.deepEqual(stop, { client_state: stateOf(null, 'u1'), command_id: `unstream-${id}-2` });
  });

  it('hangs up without that, and so does one that streams', () => {
    const streams: Call = { ...call, stream: { n: 2, state: 'open', expiresAt: NOW } };
    for (const each of [call, streams])
      assert.deepEqual(actionsOf(each, { kind: 'hangup' }), ['POST hangup']);
  });
});

describe('commands', () => {
  it('go to the call they are about, whatever its id looks like', () => {
    const call: Call = { ...liveCall(), carrierCallId: 'v3:a/b?c#d e' };
    const [request] = carrier.asRequests(call, { kind: 'hangup' });
    assert.equal(request?.url, 'https://api.telnyx.com/v2/calls/v3%3Aa%2Fb%3Fc%23d%20e/actions/hangup');
  });

  it('are all different, except when one is repeated', () => {
    const hangup = { kind: 'hangup' } as const;
    const call = liveCall();
    const again: Call = { ...call, line: { ...call.line, attempts: 1 } };
    const all = [
      ...[{ kind: 'answer' } as const, hello, { kind: 'listen', turn: 1 } as const, hangup].flatMap(
        (instruction) => carrier.asRequests(call, instruction),
      ),
      ...carrier.asRequests(call, { kind: 'listen', turn: 2 }),
      ...[1, 2, 3].flatMap((n) => carrier.asRequests(call, { kind: 'stream', n, expiresAt: NOW })),
      ...carrier.asRequests(again, hangup),
    ];
    const ids = all.filter(({ method }) => method === 'POST').map((request) => bodyOf(request)['command_id']);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(carrier.asRequests(again, hello), carrier.asRequests(call, hello));
  });

  it('about a call without an id at Telnyx cannot be asked', () => {
    assert.throws(() => carrier.statusRequest(outboundCall()), { code: 'VC_INTERNAL' });
  });
});
