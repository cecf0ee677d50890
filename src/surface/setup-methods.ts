// SetupMethods: the set-up as methods of the Gateway; they are there even when the telephone could not be started.
import * as z from 'zod';
import { VoiceCallError } from '../lib/errors.ts';
import type { Setup } from '../setup/setup.ts';
import { type RpcMethod, rpcMethod } from './rpc.ts';

/** What was shown and agreed to; see setup/repair.ts. */
const fixParams = z.strictObject({
  agreed: z.array(z.strictObject({ name: z.string(), before: z.string(), after: z.string() })),
  despite: z.boolean().default(false),
});

/** `open` makes one for the configuration as it stands at that moment. */
export function setupMethods(open: () => Setup): readonly RpcMethod[] {
  return [
    rpcMethod('setup', 'operator.write', async () => open().check()),
    rpcMethod('setup.plan', 'operator.write', async () => open().plan()),
    rpcMethod('setup.fix', 'operator.admin', async (params) => {
      const order = checked(params);
      return open().repair(order);
    }),
  ];
}

function checked(params: unknown): z.output<typeof fixParams> {
  const read = fixParams.safeParse(params);
  if (read.success) return read.data;
  const why = 'it is the list of changes "voicecall.setup.plan" showed';
  throw new VoiceCallError('VC_PARAM_INVALID', { name: 'agreed', why });
}
