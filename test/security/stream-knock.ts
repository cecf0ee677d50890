// StreamKnock: media streams opened by somebody who is not the carrier: the addresses there are, upgrades, and starts.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { CarrierStage } from '../conformance/carrier-stage.ts';
import type { CarrierName } from '../conformance/exchanges.ts';

/** `/voice/stream/<call>/<n>/<expiry>/<token>`, in the document or command that asked for the stream. */
export const ADDRESS =
  /wss:\/\/voice\.example\.test(\/voice\/stream\/([^/"<]+)\/(\d+)\/([0-9a-z]+)\/([\w-]{24}))/;

interface Address {
  readonly path: string;
  readonly callId: string;
  readonly n: string;
  readonly expiry: string;
  readonly token: string;
}

/** Every address of a stream that the carrier was given, in order, each once. */
export function addresses({ exchange }: CarrierStage): readonly Address[] {
  const commands = exchange.asked.map(({ fields }) => JSON.stringify(fields));
  const given = [...commands, ...exchange.spoken].join('\n').matchAll(new RegExp(ADDRESS, 'g'));
  const found = [...given].map(([, path = '', callId = '', n = '', expiry = '', token = '']) => ({
    path,
    callId,
    n,
    expiry,
    token,
  }));
  return found.filter(({ path }, at) => found.findIndex((one) => one.path === path) === at);
}

export function addressOf(stage: CarrierStage): Address {
  const [first, ...others] = addresses(stage);
  assert.ok(first && others.length === 0, 'one address of one stream');
  return first;
}

interface Knocked {
  readonly socket: WebSocket;
  /** The HTTP status of a refusal, or 101. */
  readonly status: number;
}

/** Opens a media stream as a stranger would. */
export async function upgrade(stage: CarrierStage, path: string): Promise<Knocked> {
  const socket = new WebSocket(`ws://127.0.0.1:${stage.port}${path}`, { perMessageDeflate: false });
  socket.on('error', () => undefined);
  const answered = new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('close', () => resolve(0));
  });
  return { socket, status: await stage.settle(answered) };
}

/** The code our side closes it with. */
export function closed(stage: CarrierStage, socket: WebSocket): Promise<number> {
  return stage.settle(once(socket, 'close').then(([code]) => Number(code)));
}

interface Start {
  readonly token: string;
  readonly carrierCallId: string;
}

/** What each carrier says first. */
const STARTS: Readonly<Record<CarrierName, (start: Start) => object>> = {
  twilio: ({ token, carrierCallId: callSid }) => ({
    event: 'start',
    sequenceNumber: '1',
    streamSid: 'MZ1',
    start: {
      streamSid: 'MZ1',
      accountSid: 'AC1',
      callSid,
      tracks: ['inbound'],
      customParameters: { token },
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000, channels: 1 },
    },
  }),
  telnyx: ({ token, carrierCallId: call_control_id }) => ({
    event: 'start',
    sequence_number: '1',
    stream_id: 's1',
    start: {
      call_control_id,
      custom_parameters: { token },
      media_format: { encoding: 'PCMU', sample_rate: 8_000, channels: 1 },
    },
  }),
  plivo: ({ token, carrierCallId: callId }) => ({
    event: 'start',
    sequenceNumber: 0,
    start: {
      callId,
      streamId: 's1',
      accountId: 'MA1',
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8_000 },
    },
    extra_headers: `token=${token}`,
  }),
};

/** A stranger who knows the address of the stream, and says this first. */
export async function starts(
  carrier: CarrierName,
  stage: CarrierStage,
  changes: Partial<Start>,
): Promise<WebSocket> {
  const { path, token } = addressOf(stage);
  const { socket, status } = await upgrade(stage, path);
  assert.equal(status, 101);
  const carrierCallId = stage.ours.carrierCallId ?? '';
  socket.send(JSON.stringify(STARTS[carrier]({ token, carrierCallId, ...changes })));
  return socket;
}
