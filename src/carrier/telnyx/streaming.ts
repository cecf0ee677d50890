// Streaming: what Telnyx is told of a call's media stream, and what it tells of it.
import type { Call } from '../../call/call.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { StreamUrl } from '../carrier.ts';
import { asFields, type Fields, textOf } from '../json.ts';
import { streamAddress } from '../stream-address.ts';
import type { ClientState } from './client-state.ts';

/** Both ways mu-law, as the telephone network has it, in raw frames: what is not said here would be mp3. */
const BOTH_WAYS = {
  stream_track: 'inbound_track',
  stream_codec: 'PCMU',
  stream_bidirectional_mode: 'rtp',
  stream_bidirectional_codec: 'PCMU',
  stream_bidirectional_sampling_rate: 8_000,
  // The default is the opposite leg; a call with us alone has none, and nobody would hear us.
  stream_bidirectional_target_legs: 'both',
} as const;

/** The body of `streaming_start`, but for what every command has. Throws VC_INTERNAL when streaming is off. */
export function streaming(
  streamUrl: StreamUrl | null,
  call: Call,
  instruction: Extract<Instruction, { kind: 'stream' }>,
): Fields {
  const { url, token } = streamAddress(streamUrl, call, instruction);
  return { stream_url: url, ...BOTH_WAYS, custom_parameters: [{ name: 'token', value: token }] };
}

/**
 * A stream is over. Telnyx carries the latest state of the call, so the news of a stream that we replaced comes
 * under the name of the new one: its address tells which it was. Null: not the present one, nor any we wait for.
 */
export function streamOver(
  payload: Fields,
  state: ClientState | null,
  streamUrl: StreamUrl | null,
  { at, why }: { readonly at: number; readonly why: string },
): readonly CarrierEvent[] | null {
  if (state === null) return [{ kind: 'streamClosed', at, n: null, why }];
  if (state.stream === null) return null;
  const { n, expiresAt } = state.stream;
  const url = textOf(payload['stream_url']) || textOf(asFields(payload['stream_params'])['stream_url']);
  // By its token, for where we are reached may have changed since.
  const ours = streamUrl?.(state.callId, n, expiresAt).token;
  const isAnother = url !== '' && ours !== undefined && !url.endsWith(`/${ours}`);
  return isAnother ? null : [{ kind: 'streamClosed', at, n, why }];
}
