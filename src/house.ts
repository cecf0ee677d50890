// House: the port, with the webhook and the media streams on it; the way the outside gets to it; and its door.
import type { Carrier, Report, WireReply } from './carrier/carrier.ts';
import type { Settings } from './config/settings.ts';
import { PLAIN_STREAMING } from './config/streaming.ts';
import { Diagnosis } from './ingress/diagnosis.ts';
import type { Identity } from './ingress/identity.ts';
import { namingOwner } from './ingress/port-owner.ts';
import { Replay } from './ingress/replay.ts';
import { bind, type Listener } from './ingress/server.ts';
import { streamPrefix } from './ingress/stream-token.ts';
import { unverified } from './ingress/unverified.ts';
import { answerWebhook, plain } from './ingress/webhook.ts';
import type { Clock } from './lib/clock.ts';
import { VoiceCallError } from './lib/errors.ts';
import type { Health } from './lib/health.ts';
import { type NewId, newSecret } from './lib/ids.ts';
import { inTurn } from './lib/in-turn.ts';
import type { Log } from './lib/log.ts';
import type { LineOptions } from './line/lasting.ts';
import type { LineThread } from './line/thread.ts';
import { Reach, type TunnelFor } from './reach/reach.ts';
import type { Journal } from './record/journal.ts';
import type { LiveAudio } from './speech.ts';

export interface HouseDeps {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly health: Health;
  /** Null: there are no media streams. */
  readonly live: LiveAudio | null;
  /** How hard the line thread works. */
  readonly onLoad: NonNullable<LineOptions['onLoad']>;
  /** Makes the tunnel the settings name; without it VC_INTERNAL where they name one. */
  readonly tunnelFor?: TunnelFor;
  /** Who we are to others on this machine who want our port; nameless when absent. */
  readonly identity?: Identity;
}

/** What a house stands on beside what the process brings. */
interface HouseGround extends HouseDeps {
  readonly journal: Journal;
  /** What the next call gets. */
  readonly now: () => Settings;
}

export interface House {
  readonly listener: Listener;
  readonly reach: Reach;
  /** Signs the tokens of media streams and our own probes. */
  readonly secret: Uint8Array;
  /** Null: there are no media streams. */
  readonly lines: LineThread | null;
  close(): Promise<void>;
}

/** Null when nobody needs a port: the mock carrier lives in the process, and nobody in it has a voice. */
export async function openHouse(deps: HouseGround): Promise<House | null> {
  const { settings, live, identity } = deps;
  if (settings.carrier.name !== 'mock') return namingOwner(settings.serve, identity, () => open(deps));
  return live && open({ ...deps, settings: withinThisMachine(settings) });
}

/** Only the sound of a test phone needs it: any free port of loopback, whatever is configured for carriers. */
function withinThisMachine(settings: Settings): Settings {
  const serve = { ...settings.serve, bind: '127.0.0.1', port: 0 };
  const streaming = settings.streaming ?? PLAIN_STREAMING;
  return { ...settings, serve, publicUrl: null, tunnel: null, streaming };
}

/** With live audio the port is opened by a thread of its own, which no agent can keep waiting. */
async function open(deps: HouseGround): Promise<House> {
  const { settings, clock, log, live, identity, journal: notes, now, tunnelFor = noTunnels } = deps;
  const { serve } = settings;
  const secret = newSecret();
  const streams = live === null ? null : (settings.realtime ?? settings.streaming);
  const lines = live && streams && (await openLines(deps, live, streams, secret));
  const listener = lines?.listener ?? (await bind({ host: serve.bind, port: serve.port, clock, identity }));
  const streamPath = streams?.path ?? null;
  const takesCalls = (): boolean => now().inboundPolicy !== 'disabled';
  const where = { port: listener.port, streamPath, secret };
  const reach = new Reach({ ...deps, ...where, tunnelFor, notes, takesCalls });
  const port = (): Promise<void> => (lines ? lines.stop() : listener.close());
  const close = (): Promise<void> => inTurn({ reach: () => reach.stop(), port }, log);
  return { listener, reach, secret, lines, close };
}

function openLines(
  { settings, log, health, identity, onLoad }: HouseDeps,
  live: LiveAudio,
  streams: NonNullable<Settings['realtime'] | Settings['streaming']>,
  secret: Uint8Array,
): Promise<LineThread> {
  const { serve, publicUrl } = settings;
  const { path, preStartTimeoutMs, maxPendingConnections, maxPendingConnectionsPerIp, maxConnections } =
    streams;
  const limits = { preStartTimeoutMs, maxPendingConnections, maxPendingConnectionsPerIp, maxConnections };
  // A tunnel of ours leads to our own paths.
  const prefix = publicUrl === null ? '' : streamPrefix(publicUrl, serve.path);
  const stream = { path, prefix, limits, secret };
  return live.openLine({ host: serve.bind, port: serve.port, stream, identity, log, health, onLoad });
}

function noTunnels(): never {
  throw new VoiceCallError('VC_INTERNAL', { why: 'nothing here opens tunnels' });
}

export interface DoorDeps {
  readonly settings: Settings;
  readonly carrier: Carrier;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes a verified report; resolves to the answer for the carrier. */
  readonly post: (report: Report) => Promise<WireReply>;
  /** The carrier finds us at another address now. */
  readonly onMoved: () => void;
}

/** From now on webhooks are answered, and media streams let in. */
export function openDoor({ listener, secret, reach }: House, deps: DoorDeps): void {
  const { settings, clock, log, journal, post, onMoved } = deps;
  const carrier = settings.skipSignatureVerification ? unverified(deps.carrier) : deps.carrier;
  const replay = new Replay(journal, clock);
  const diagnosis = new Diagnosis(clock);
  const serve = (): void =>
    listener.serve({
      publicUrls: reach.address.signed,
      forwarding: settings.forwarding,
      gate: { path: settings.serve.path, signatureHeaders: carrier.signatureHeaders, probeKey: secret },
      answer: (request) => answerWebhook(request, { carrier, replay, diagnosis, clock, log, post }),
    });
  serve();
  let told = reach.address.webhookUrl;
  reach.address.follow(({ webhookUrl }) => {
    serve();
    if (webhookUrl !== told) onMoved();
    told = webhookUrl;
  });
}

/** From now on media streams are let in; there are no webhooks. */
export function openForStreams(
  { listener }: House,
  { forwarding }: Settings,
  { signatureHeaders }: Carrier,
): void {
  listener.serve({
    publicUrls: [],
    forwarding,
    gate: { path: '', signatureHeaders },
    answer: async () => plain(404, 'Not Found'),
  });
}
