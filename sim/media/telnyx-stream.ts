// telnyxStream: opens the media stream a command asks for, as Telnyx does, and reports what becomes of it.
import type { TwinCall, World } from '../telnyx/call.ts';
import type { Fields } from '../telnyx/ledger.ts';
import { type Refusal, refuse } from '../telnyx/refusal.ts';
import { Ear } from './ear.ts';
import { MediaStream, type StreamEnd } from './stream.ts';
import { spoilsConnect } from './stream-faults.ts';
import { streamRoute } from './stream-route.ts';
import { TelnyxWire } from './telnyx-wire.ts';

interface Desk {
  readonly world: World;
  readonly call: TwinCall;
}

/** What is wrong with a stream that is asked for, beyond the shape of its fields. */
export function streamFault({ world, call }: Desk, body: Fields): Refusal | undefined {
  const route = streamRoute(String(body['stream_url'] ?? ''), {
    tunnels: world.tunnels,
    allowsPlain: world.media.allowsPlain,
  });
  if (typeof route === 'string') return refuse('10015', route, '/stream_url');
  return call.stream && !call.stream.end ? refuse('90045', 'The call is being streamed.') : undefined;
}

/** The stream on its way. What the fields ask for was found to be in order. */
export function openTelnyxStream(desk: Desk, body: Fields): MediaStream | undefined {
  const { world, call } = desk;
  const { activity, clock, ledger, media, settings, tunnels } = world;
  const url = String(body['stream_url']);
  const route = streamRoute(url, { tunnels, allowsPlain: media.allowsPlain });
  if (typeof route === 'string') return undefined;
  noteUnheard(desk, body);
  const fault = media.take();
  const wire = new TelnyxWire({
    userId: settings.connectionId,
    callControlId: call.id,
    callSessionId: call.sessionId,
    from: call.from,
    to: call.to,
    clientState: call.clientState,
    customParameters: fault.parameters ?? parametersOf(body['custom_parameters']),
    mode: body['stream_bidirectional_mode'] === 'rtp' ? 'rtp' : 'mp3',
  });
  const stream = new MediaStream({
    clock,
    activity,
    route,
    headers: {},
    wire,
    mouth: call.mouth,
    ear: reachesCaller(body) || media.oppositeIsHeard ? call.ear : new Ear(),
    fault,
    tries: 1,
    problem: (code, why) => ledger.problem(`${code}`, why, call.id),
    pressed: () => undefined,
    opened: () => call.report('streaming.started', { stream_url: url }),
    ended: (end) => {
      reportEnd(call, end, { url, streamId: wire.streamId, track: body['stream_track'] });
      if (end.by === 'nobody' && !spoilsConnect(fault)) ledger.problem('90046', end.why, call.id);
    },
  });
  media.streams.push(stream);
  call.streams.push(stream);
  return stream;
}

/** On a call of one leg there is no opposite one. */
function reachesCaller(body: Fields): boolean {
  return ['self', 'both'].includes(String(body['stream_bidirectional_target_legs']));
}

/** What makes a stream silent or unreadable, though Telnyx takes it without a word. */
function noteUnheard({ world, call }: Desk, body: Fields): void {
  const note = (why: string): void => world.ledger.problem('not-simulated', why, call.id);
  const codec = body['stream_codec'] ?? 'default';
  if (codec !== 'PCMU' && codec !== 'default') note(`stream_codec ${String(codec)}`);
  if ((body['stream_bidirectional_codec'] ?? 'PCMU') !== 'PCMU')
    note('a stream_bidirectional_codec but PCMU');
  if ((body['stream_bidirectional_sampling_rate'] ?? 8000) !== 8000) note('a sampling rate but 8000');
  if ((body['stream_track'] ?? 'inbound_track') !== 'inbound_track') note('a track but the inbound one');
}

function parametersOf(list: unknown): Readonly<Record<string, string>> {
  if (!Array.isArray(list)) return {};
  return Object.fromEntries(
    list.map((entry: unknown) => {
      const { name, value } = entry as { readonly name?: unknown; readonly value?: unknown };
      return [String(name), String(value)];
    }),
  );
}

function reportEnd(
  call: TwinCall,
  { by, why }: StreamEnd,
  about: { readonly url: string; readonly streamId: string; readonly track: unknown },
): void {
  const { url, streamId, track = 'inbound_track' } = about;
  if (by === 'nobody') {
    call.report('streaming.failed', {
      failure_reason: `connection_failed: ${why}`,
      stream_id: streamId,
      stream_params: { stream_url: url, track },
      stream_type: 'websocket',
    });
  } else call.report('streaming.stopped', { stream_url: url });
}
