// ExposeMethod: `voicecall.expose`, there even when the telephone could not be started: people expose first.
import * as z from 'zod';
import { VoiceCallError } from '../lib/errors.ts';
import { EXPOSE_MODES, type ExposeRequest } from '../reach/expose.ts';
import { type RpcMethod, rpcMethod } from './rpc.ts';

const path = z.string().regex(/^[^\s?#]+$/, 'a path has no spaces, "?" or "#"');
export const exposeParams = z.strictObject({
  mode: z.enum(EXPOSE_MODES).describe('The internet, your own tailnet only, or nobody any more'),
  path: path.optional().describe('Path outside; that of the configuration when left out'),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe('Port of our listener; the one that runs when left out'),
  servePath: path.optional().describe('Path of the webhook on this machine; serve.path when left out'),
});

/** For the owner alone: it can show any port of this machine to the internet. */
export function exposeMethod(run: (request: ExposeRequest) => Promise<unknown>): RpcMethod {
  return rpcMethod('expose', 'operator.admin', async (raw) => run(exposeRequest(raw)));
}

/** Throws VC_PARAM_INVALID. */
export function exposeRequest(raw: unknown): ExposeRequest {
  const read = exposeParams.safeParse(raw);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = String(issue?.path[0] ?? 'parameters');
  const why = name === 'mode' ? `it must be one of ${EXPOSE_MODES.join(', ')}` : (issue?.message ?? '');
  throw new VoiceCallError('VC_PARAM_INVALID', { name, why });
}
