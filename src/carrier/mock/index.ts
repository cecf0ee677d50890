// Mock: a carrier that lives in the process: no network, no account; at the other end a script, or a test phone.
import type { Call } from '../../call/call.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Instruction } from '../../call/instruction.ts';
import type {
  Carrier,
  Dial,
  Dialled,
  LiveStatus,
  Report,
  StreamUrl,
  Told,
  Verification,
  WireReply,
  WireRequest,
  WireResponse,
} from '../carrier.ts';
import { streamAddress } from '../stream-address.ts';

/** What travels to the exchange; `mock:` URLs never leave the process. */
export type MockCommand =
  | { readonly do: 'dial'; readonly callId: string; readonly from: string; readonly to: string }
  | { readonly do: 'answer' | 'hangup' }
  | { readonly do: 'say'; readonly utteranceId: string; readonly text: string; readonly turn: number | null }
  | { readonly do: 'listen'; readonly turn: number }
  /** Connect the sound of the call to this address; only a test phone has any. */
  | { readonly do: 'stream'; readonly url: string; readonly token: string };

/** What comes back from it. */
export interface MockReport {
  readonly carrierCallId: string;
  readonly callId: string | null;
  readonly direction: 'inbound' | 'outbound';
  readonly from: string | null;
  readonly to: string | null;
  readonly event: CarrierEvent | null;
}

const NOT_OURS: Verification = { ok: false, why: 'the mock carrier takes no webhooks from the network' };

export interface MockOptions {
  /** Where media streams of test phones connect; null: nothing here can speak. */
  readonly streamUrl: StreamUrl | null;
}

export function mockCarrier({ streamUrl }: MockOptions): Carrier {
  return {
    ...withoutSound,
    streams: streamUrl !== null,
    asRequests(call, instruction) {
      const wanted = asCommand(call, instruction, streamUrl);
      return wanted === null || call.carrierCallId === null ? [] : [command(call.carrierCallId, wanted)];
    },
  };
}

const withoutSound: Omit<Carrier, 'streams' | 'asRequests'> = {
  name: 'mock',
  asks: false,
  signatureHeaders: ['x-voice-call-mock'],

  verify: () => NOT_OURS,

  decode: () => null,

  asReply: () => acknowledged,
  acknowledge: () => acknowledged,

  unsupported: () => null,

  dial(call: Call): Dial {
    const { id: callId, from, to } = call;
    return { request: command('calls', { do: 'dial', callId, from, to }), told: 'wait' };
  },

  readDialled(response: WireResponse): Dialled {
    if (response.kind === 'unreachable') return { ok: false, why: response.why };
    const { status, body } = response;
    return status === 201 ? { ok: true, carrierCallId: body } : { ok: false, why: body };
  },

  readTold(_instruction: Instruction, response: WireResponse): Told {
    if (response.kind === 'unreachable') return failed('retry', response.why);
    return response.status === 404 ? failed('gone', 'the person hung up') : { ok: true };
  },

  adopt: () => [],

  statusRequest(call: Call): WireRequest {
    return { method: 'GET', url: `mock:${call.carrierCallId}`, headers: {}, body: null };
  },

  readStatus(response: WireResponse): LiveStatus {
    if (response.kind === 'unreachable') return 'unknown';
    return response.status === 404 ? 'over' : 'live';
  },
};

/** What somebody at the other end did, as the door takes it. */
export function reportOf({ event, ...report }: MockReport): Report {
  return { ...report, events: event ? [event] : [], asks: false };
}

const acknowledged: WireReply = { status: 204, contentType: 'text/plain', body: '' };

function failed(kind: 'gone' | 'retry', why: string): Told {
  return { ok: false, failure: { kind, why } };
}

function command(path: string, body: MockCommand): WireRequest {
  return { method: 'POST', url: `mock:${path}`, headers: {}, body: JSON.stringify(body) };
}

function asCommand(call: Call, instruction: Instruction, streamUrl: StreamUrl | null): MockCommand | null {
  switch (instruction.kind) {
    case 'wait':
      return null;
    case 'stream':
      return { do: 'stream', ...streamAddress(streamUrl, call, instruction) };
    case 'answer':
      return { do: 'answer' };
    case 'reject':
    case 'hangup':
      return { do: 'hangup' };
    case 'listen':
      return { do: 'listen', turn: instruction.turn };
    case 'say': {
      const { utterance, turn } = instruction;
      return { do: 'say', utteranceId: utterance.id, text: utterance.text, turn };
    }
  }
}
