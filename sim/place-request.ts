// PlaceRequest: what we are asked to call somebody, for tests and tools that care only for the half of it.
import type { PlaceRequest } from '../src/runtime/phone.ts';

/** A conversation that begins with "Good morning." and asks for nothing else; `wanted` is laid over it. */
export function placeRequest(wanted: Pick<PlaceRequest, 'to'> & Partial<PlaceRequest>): PlaceRequest {
  return {
    message: 'Good morning.',
    mode: 'conversation',
    requesterSessionKey: null,
    sessionKey: null,
    agentId: null,
    dtmfSequence: null,
    language: null,
    voice: null,
    ...wanted,
  };
}
