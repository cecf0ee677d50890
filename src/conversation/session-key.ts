// SessionKey: which OpenClaw session a call talks to. Decided once, when the call begins, and frozen on it.
import type { SessionScope } from '../call/call.ts';

export interface SessionKeyInput {
  readonly scope: SessionScope;
  readonly agentId: string;
  /** The human's number as the carrier reports it; hidden numbers have no digits. */
  readonly otherParty: string;
  readonly callId: string;
  /** A key the request named; null leaves it to the scope. */
  readonly explicitKey: string | null;
}

/** The host's own names for sessions that belong to no agent; they are passed on as they are. */
const SENTINELS: ReadonlySet<string> = new Set(['global', 'unknown']);

/** The key, lower case, always inside the agent's own namespace unless it is one of the host's sentinels. */
export function sessionKeyFor(input: SessionKeyInput): string {
  const agent = part(input.agentId);
  const explicit = part(input.explicitKey ?? '');
  return explicit === '' ? scopedKey(input, agent) : ownKey(agent, explicit);
}

function scopedKey({ scope, otherParty, callId }: SessionKeyInput, agent: string): string {
  switch (scope) {
    case 'per-phone':
      // Callers who hide their number must not share a session with each other.
      return `agent:${agent}:voice:${otherParty.replace(/\D/g, '') || part(callId)}`;
    case 'per-call':
      return `agent:${agent}:voice:call:${part(callId)}`;
    case 'main':
      return `agent:${agent}:main`;
  }
}

/** Another agent's key, or one that only looks canonical, becomes a name inside the own namespace. */
function ownKey(agent: string, explicit: string): string {
  if (SENTINELS.has(explicit)) return explicit;
  const isOwn = explicit.startsWith(`agent:${agent}:`) && explicit.length > `agent:${agent}:`.length;
  return isOwn ? explicit : `agent:${agent}:${explicit}`;
}

/** Keys are compared and stored as text: no blanks, no control characters, one case. */
function part(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s\p{Cc}]+/gu, '-');
}
