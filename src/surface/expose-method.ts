// ExposeMethod: `voicecall.expose`, there even when the telephone could not be started: people expose first.
import * as z from 'zod';
import { VoiceCallError } from '../lib/errors.ts';
import { EXPOSE_MODES, type ExposeRequest } from '../reach/expose.ts';
import { type RpcMethod, rpcMethod } from './rpc.ts';

const path = z.string().regex(/^[^\s?#]+$/, 'a path has no spaces, "?" or "#"');
const params = z.strictObject({
  mode: z.enum(EXPOSE_MODES),
  path: path.optional(),
  port: z.int().min(1).max(65_535).optional(),
  servePath: path.optional(),
});

export function exposeMethod(run: (request: ExposeRequest) => Promise<unknown>): RpcMethod {
  return rpcMethod('expose', 'operator.write', async (raw) => run(exposeRequest(raw)));
}

/** Throws VC_PARAM_INVALID. */
export function exposeRequest(raw: unknown): ExposeRequest {
  const read = params.safeParse(raw);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = String(issue?.path[0] ?? 'parameters');
  const why = name === 'mode' ? `it must be one of ${EXPOSE_MODES.join(', ')}` : (issue?.message ?? '');
  throw new VoiceCallError('VC_PARAM_INVALID', { name, why });
}
