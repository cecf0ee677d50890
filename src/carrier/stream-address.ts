// StreamAddress: where the carrier is to connect a call's media stream, checked for what every wire can carry.
import type { Call } from '../call/call.ts';
import type { Instruction } from '../call/instruction.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { StreamUrl } from './carrier.ts';

/** Twilio drops a query without a word, Plivo takes 2048 characters. */
const ADDRESS = /^wss?:\/\/[^\s?#]{1,2000}$/;
/** Below Twilio's 500 characters for a parameter and Plivo's 512 bytes; needs no escaping between `=`, `,`, `;`. */
const TOKEN = /^[\w.~-]{1,400}$/;

/** The same for the same stream. Throws VC_INTERNAL when streaming is off or the address cannot be sent. */
export function streamAddress(
  streamUrl: StreamUrl | null,
  call: Call,
  { n, expiresAt }: Extract<Instruction, { kind: 'stream' }>,
): ReturnType<StreamUrl> {
  if (streamUrl === null) throw fault(call, 'streaming is off');
  const address = streamUrl(call.id, n, expiresAt);
  if (!ADDRESS.test(address.url)) throw fault(call, 'its address is none a carrier takes');
  if (!TOKEN.test(address.token)) throw fault(call, 'its token is none a carrier takes');
  return address;
}

function fault({ id }: Call, why: string): VoiceCallError {
  return new VoiceCallError('VC_INTERNAL', { why: `call ${id} has no media stream to connect: ${why}` });
}
