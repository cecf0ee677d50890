// Mock: a carrier that lives in the process: no network, no account; a scripted person at the other end.
import type { Call } from '../../call/call.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Instruction } from '../../call/instruction.ts';
import type {
  Carrier,
  Dial,
  Dialled,
  LiveStatus,
  Report,
  Told,
  Verification,
  WebhookRequest,
  WireReply,
  WireRequest,
  WireResponse,
} from '../carrier.ts';

/** What travels to the exchange; `mock:` URLs never leave the process. */
export type MockCommand =
  | { readonly do: 'dial'; readonly callId: string; readonly to: string }
  | { readonly do: 'answer' | 'hangup' }
  | { readonly do: 'say'; readonly utteranceId: string; readonly text: string; readonly turn: number | null }
  | { readonly do: 'listen'; readonly turn: number };

/** What comes back from it, as JSON. */
export interface MockReport {
  readonly carrierCallId: string;
  readonly callId: string | null;
  readonly direction: 'inbound' | 'outbound';
  readonly from: string | null;
  readonly to: string | null;
  readonly event: CarrierEvent | null;
}

const NOT_OURS: Verification = { ok: false, why: 'the mock carrier takes no webhooks from the network' };

export const mockCarrier: Carrier = {
  name: 'mock',
  asks: false,
  streams: false,
  signatureHeaders: ['x-voice-call-mock'],

  verify: () => NOT_OURS,

  decode(request: WebhookRequest): Report | null {
    try {
      const { event, ...report } = JSON.parse(request.body) as MockReport;
      return { ...report, events: event ? [event] : [], asks: false };
    } catch {
      return null;
    }
  },

  asReply: () => acknowledged,
  acknowledge: () => acknowledged,

  unsupported: () => null,

  dial(call: Call): Dial {
    return { request: command('calls', { do: 'dial', callId: call.id, to: call.to }), told: 'wait' };
  },

  readDialled(response: WireResponse): Dialled {
    if (response.kind === 'unreachable') return { ok: false, why: response.why };
    return { ok: true, carrierCallId: response.body };
  },

  asRequests(call: Call, instruction: Instruction): readonly WireRequest[] {
    const wanted = asCommand(instruction);
    return wanted === null || call.carrierCallId === null ? [] : [command(call.carrierCallId, wanted)];
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

const acknowledged: WireReply = { status: 204, contentType: 'text/plain', body: '' };

function failed(kind: 'gone' | 'retry', why: string): Told {
  return { ok: false, failure: { kind, why } };
}

function command(path: string, body: MockCommand): WireRequest {
  return { method: 'POST', url: `mock:${path}`, headers: {}, body: JSON.stringify(body) };
}

function asCommand(instruction: Instruction): MockCommand | null {
  switch (instruction.kind) {
    case 'wait':
    // It has no media streams, so it is never asked for one.
    case 'stream':
      return null;
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
