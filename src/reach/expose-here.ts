// ExposeHere: `expose` in the process of a command, when no Gateway runs that could be asked.
import { isLoopbackHost } from '../config/address.ts';
import { locateGateway } from '../config/gateway-target.ts';
import { systemClock } from '../lib/clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Env } from './command.ts';
import { type ExposeRequest, expose } from './expose.ts';

/** Throws VC_GATEWAY_UNREACHABLE when the Gateway belongs on another machine: this one's Tailscale is of no use to it. */
export async function exposeHere(request: ExposeRequest, env: Env): Promise<unknown> {
  const { gateway, plugin } = locateGateway(env);
  const url = new URL(gateway.url);
  if (!isLoopbackHost(url)) throw new VoiceCallError('VC_GATEWAY_UNREACHABLE', { url: gateway.url });
  return expose(request, { config: plugin, runningPort: null, clock: systemClock, env });
}
