// Rpc: the verbs as methods of the Gateway: voicecall.initiate, voicecall.continue, ...

import { asVoiceCallError, type ErrorCode, type VoiceCallError } from '../lib/errors.ts';
import { verbs } from '../operation/index.ts';
import type { OpenService } from '../operation/verb.ts';
import { oneLine } from './one-line.ts';

export interface RpcError {
  readonly code: 'INVALID_REQUEST' | 'UNAVAILABLE';
  readonly message: string;
  /** Ours, for programs: the code of the error table, and message and cure apart. */
  readonly details: { readonly code: ErrorCode; readonly message: string; readonly cure: string };
}

export type RpcAnswer =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly error: RpcError };

export interface RpcMethod {
  readonly name: string;
  /** What reaches beyond calls, to other settings of the owner's, is for who may change the configuration. */
  readonly scope: 'operator.read' | 'operator.write' | 'operator.admin';
  /** Never rejects. `isTrusted`: another plugin of this Gateway asks. */
  handle(params: unknown, from: { readonly isTrusted: boolean }): Promise<RpcAnswer>;
}

/** What the one who asks can mend by asking differently. */
const PARAMETER_ERRORS: readonly ErrorCode[] = [
  'VC_PARAM_REQUIRED',
  'VC_PARAM_REQUIRED_FOR',
  'VC_PARAM_INVALID',
  'VC_NUMBER_INVALID',
  'VC_EMERGENCY_NUMBER',
  'VC_PREMIUM_NUMBER',
  'VC_NO_TARGET',
  'VC_DIGITS_INVALID',
  'VC_DTMF_NEEDS_CONVERSATION',
  'VC_PAIRING_UNKNOWN',
  'VC_AGENT_UNTRUSTED',
];

/** A method that needs no running telephone; `work` may throw anything. */
export function rpcMethod(
  name: string,
  scope: RpcMethod['scope'],
  work: (params: unknown) => Promise<unknown>,
): RpcMethod {
  return { name: `voicecall.${name}`, scope, handle: (params) => answered(() => work(params)) };
}

export function rpcMethods(open: OpenService): readonly RpcMethod[] {
  return Object.values(verbs).map((verb) => ({
    name: `voicecall.${verb.name}`,
    scope: `operator.${verb.scope}` as const,
    handle: (params, { isTrusted }) =>
      answered(async () => verb.call(await open(), params, { ...NOBODY, isTrusted })),
  }));
}

/** An operator is no session; who owns the outcome is a parameter. */
const NOBODY = { sessionKey: null, agentId: null };

async function answered(work: () => Promise<unknown>): Promise<RpcAnswer> {
  try {
    return { ok: true, payload: await work() };
  } catch (error) {
    return { ok: false, error: rpcError(asVoiceCallError(error)) };
  }
}

function rpcError(error: VoiceCallError): RpcError {
  const { code, message, cure } = error;
  return {
    code: PARAMETER_ERRORS.includes(code) ? 'INVALID_REQUEST' : 'UNAVAILABLE',
    message: oneLine(error),
    details: { code, message, cure },
  };
}
