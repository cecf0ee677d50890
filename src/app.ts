// App: builds everything once, in one order: journal, port, carrier, runtime; then the door opens.
import type { Carrier, Report, StreamUrl, Transport } from './carrier/carrier.ts';
import { httpTransport } from './carrier/http.ts';
import { MockExchange } from './carrier/mock/exchange.ts';
import { mockCarrier } from './carrier/mock/index.ts';
import { plivoApiBase, plivoCarrier } from './carrier/plivo/index.ts';
import { telnyxApiBase, telnyxCarrier } from './carrier/telnyx/index.ts';
import { twilioApiBase, twilioCarrier } from './carrier/twilio/index.ts';
import { watched } from './carrier/watched.ts';
import type { RealtimeSettings } from './config/realtime.ts';
import type { CarrierSettings, Settings } from './config/settings.ts';
import { summaryOf } from './config/summary.ts';
import { clip } from './conversation/clip.ts';
import { Conversation } from './conversation/conversation.ts';
import { LiveSpeech, type LiveSpeechDeps } from './conversation/live-speech.ts';
import { ModelSpeech } from './conversation/model-speech.ts';
import type { Agent, Synthesizer, Transcriber } from './conversation/ports.ts';
import type { Consultant, VoiceModel } from './conversation/voice-model.ts';
import { Feed, type FeedDeps } from './feed/feed.ts';
import { tappedModel, tappedTranscriber } from './feed/taps.ts';
import { Diagnosis } from './ingress/diagnosis.ts';
import { Replay } from './ingress/replay.ts';
import { bind, type Listener } from './ingress/server.ts';
import { streamPrefix, streamUrls } from './ingress/stream-token.ts';
import { unverified } from './ingress/unverified.ts';
import { answerWebhook } from './ingress/webhook.ts';
import { type Clock, wait } from './lib/clock.ts';
import { VoiceCallError } from './lib/errors.ts';
import { Health } from './lib/health.ts';
import { type NewId, newSecret } from './lib/ids.ts';
import type { Log, LogFields } from './lib/log.ts';
import type { LineOptions } from './line/lasting.ts';
import type { LineThread } from './line/thread.ts';
import { planFor } from './plan.ts';
import { type Journal, openJournal } from './record/journal.ts';
import type { Phone } from './runtime/phone.ts';
import { type CallPlan, Runtime, type RuntimeDeps } from './runtime/runtime.ts';

export interface AppDeps {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly agent: Agent;
  /** Live audio over media streams; null: the carrier speaks and listens for us. */
  readonly live: LiveAudio | null;
  /** The agent that owns calls nobody else owns; throws VC_AGENT_UNKNOWN when there is no telling. */
  readonly ownerAgent: (configured: string | null) => string;
  /** Folder of the call store. */
  readonly storeDir: string;
  /** Where those who look on are told what happens. */
  readonly tell: FeedDeps['tell'];
  /** Stands between us, the store and the network: for those who try what happens when we die there. */
  readonly seams?: Seams;
}

interface Seams {
  journal(journal: Journal): Journal;
  transport(transport: Transport): Transport;
}

/** What is needed to hear and speak ourselves: with ears and a voice of our own, or by a voice model. */
export type LiveAudio = LineAudio & (OwnVoice | { readonly model: LiveModel });

interface OwnVoice {
  readonly transcriber: Transcriber;
  readonly synthesizer: Synthesizer;
  readonly model?: null;
}

/** A voice model that holds the conversations, with the agent behind it. */
export interface LiveModel {
  readonly voiceModel: VoiceModel;
  readonly consultant: Consultant;
  readonly settings: RealtimeSettings;
}

interface LineAudio {
  /** Who transcribes, or holds the conversation. */
  readonly provider: string;
  /** The time of what is heard: it never jumps. */
  readonly steady: Clock;
  /** Opens the port with the media streams on it; in the Gateway a thread of its own. */
  readonly openLine: (options: LineOptions) => Promise<LineThread>;
}

export interface App {
  readonly phone: Phone;
  /** What does not work now. */
  readonly health: Health;
  /** Somebody looks at this call: the feed tells its sound and words for a while. */
  watch(callId: string): void;
  /** Where the carrier reaches us; null for a carrier without network. */
  readonly webhookUrl: string | null;
  openCalls(): number;
  stop(): Promise<void>;
}

/** What everything else stands on. */
interface Ground extends AppDeps {
  readonly health: Health;
  readonly journal: Journal;
  readonly feed: Feed;
}

/** Starts the telephone. Whatever fails, what was started before is stopped again. */
export async function startApp(deps: AppDeps): Promise<App> {
  const health = new Health(deps.clock, deps.log);
  const opened = openJournal(deps.storeDir, { health });
  const journal = deps.seams?.journal(opened) ?? opened;
  const ground = { ...deps, health, journal, feed: new Feed(deps) };
  try {
    return deps.settings.carrier.name === 'mock' ? startMock(ground) : await startReal(ground);
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** The mock carrier needs no port: its exchange is in the process. */
function startMock(deps: Ground): App {
  const { settings, clock, newId, health, journal } = deps;
  if (settings.carrier.name !== 'mock')
    throw new VoiceCallError('VC_INTERNAL', { why: 'not the mock carrier' });
  const { says, answerAfterMs, pace } = settings.carrier;
  const exchange = new MockExchange({ clock, newId, says, answerAfterMs, pace, deliver });
  const runtime = new Runtime({
    ...runtimeDeps(deps, { carrier: mockCarrier, transport: exchange.transport, speech: null }),
    ring: (from, to, lines) => exchange.ring(from, to, lines),
  });
  function deliver(body: string): void {
    const request = { method: 'POST', path: '/', headers: {}, body, urls: [] };
    const report = mockCarrier.decode(request, clock.now());
    if (report) runtime.post(report).catch(() => deps.log.error('a mock report was lost'));
  }
  runtime.restore();
  deps.log.info('voice call is ready', summaryOf(settings, null));
  return {
    phone: runtime,
    health,
    watch: (callId) => deps.feed.watch(callId),
    webhookUrl: null,
    openCalls: () => runtime.openCalls,
    stop: async () => {
      exchange.close();
      runtime.stop();
      journal.close();
    },
  };
}

async function startReal(deps: Ground): Promise<App> {
  const { settings, log, health, journal, feed } = deps;
  const house = await openHouse(deps);
  try {
    const { carrier, ...line } = realLine(settings.carrier, house, deps.clock);
    const transport = watched(deps.seams?.transport(line.transport) ?? line.transport, health, carrier.name);
    const speech = house.lines && liveSpeech(deps, house.lines, (...told) => runtime.happen(...told));
    const runtime = new Runtime(runtimeDeps(deps, { carrier, transport, speech }));
    if (house.lines) feed.follow(house.lines);
    house.lines?.listen((event) => {
      feed.line(event);
      speech?.heard(event);
    });
    openDoor({ deps, runtime, listener: house.listener, carrier });
    runtime.restore();
    log.info('voice call is ready', {
      ...summaryOf(settings, deps.live?.provider ?? null),
      ...addressOf(settings, house),
    });
    return {
      phone: runtime,
      health,
      watch: (callId) => feed.watch(callId),
      webhookUrl: house.webhookUrl,
      openCalls: () => runtime.openCalls,
      stop: async () => {
        const hadStreams = runtime.hasStreams;
        // What we leave to the next process is kept waiting; nothing new is taken.
        runtime.stop();
        // A carrier whose stream is closed asks what to do instead: were nobody there, it would end the call.
        if (hadStreams) await wait(deps.clock, FAREWELL_MS);
        await house.close();
        journal.close();
      },
    };
  } catch (error) {
    await house.close();
    throw error;
  }
}

/** Where the carrier finds us, and what says so. */
function addressOf({ publicUrl }: Settings, { webhookUrl, listener }: House): LogFields {
  const { origin, pathname } = new URL(webhookUrl);
  return {
    url: `${origin}${pathname}`,
    urlBy: publicUrl === null ? 'serve' : 'publicUrl',
    port: listener.port,
  };
}

/** Carriers come back from a closed stream within a round trip. */
const FAREWELL_MS = 1_000;

/** Our address: the port, and on it the webhook and the media streams. */
interface House {
  readonly listener: Listener;
  readonly webhookUrl: string;
  readonly streamUrl: StreamUrl | null;
  /** Null: there are no media streams. */
  readonly lines: LineThread | null;
  close(): Promise<void>;
}

/** With live audio the port is opened by a thread of its own, which no agent can keep waiting. */
async function openHouse(deps: Ground): Promise<House> {
  const { settings, clock, log, live, health } = deps;
  const { serve, publicUrl } = settings;
  const streams = settings.realtime ?? settings.streaming;
  const urlFor = (port: number): string => publicUrl ?? `http://${serve.bind}:${port}${serve.path}`;
  if (live === null || streams === null) {
    const listener = await bind({ host: serve.bind, port: serve.port, clock });
    const close = (): Promise<void> => listener.close();
    return { listener, webhookUrl: urlFor(listener.port), streamUrl: null, lines: null, close };
  }
  const secret = newSecret();
  const { path, preStartTimeoutMs, maxPendingConnections, maxPendingConnectionsPerIp, maxConnections } =
    streams;
  const limits = { preStartTimeoutMs, maxPendingConnections, maxPendingConnectionsPerIp, maxConnections };
  const prefix = publicUrl === null ? '' : streamPrefix(publicUrl, serve.path);
  const lines = await live.openLine({
    host: serve.bind,
    port: serve.port,
    stream: { path, prefix, limits, secret },
    log,
    health,
  });
  const webhookUrl = urlFor(lines.listener.port);
  return {
    listener: lines.listener,
    webhookUrl,
    streamUrl: streamUrls({ base: webhookUrl, prefix, path, secret }),
    lines,
    close: () => lines.stop(),
  };
}

function liveSpeech(
  { live, clock, log, feed }: Ground,
  { lines }: LineThread,
  post: LiveSpeechDeps['post'],
): LiveSpeech | ModelSpeech | null {
  if (live === null) return null;
  if (!live.model) {
    const transcriber = tappedTranscriber(live.transcriber, feed);
    return new LiveSpeech({ clock, log, lines, post, clip, ...live, transcriber });
  }
  const { voiceModel, consultant, settings } = live.model;
  return new ModelSpeech({
    clock,
    steady: live.steady,
    log,
    lines,
    post,
    model: tappedModel(voiceModel, feed),
    consultant,
    settings,
  });
}

interface Line {
  readonly carrier: Carrier;
  readonly transport: Transport;
  readonly speech: LiveSpeech | ModelSpeech | null;
}

function realLine(
  carrier: CarrierSettings,
  { webhookUrl, streamUrl }: House,
  clock: Clock,
): Omit<Line, 'speech'> {
  switch (carrier.name) {
    case 'twilio': {
      const { accountSid, authToken, region, apiBaseUrl } = carrier;
      return {
        carrier: twilioCarrier({ accountSid, authToken, region, apiBaseUrl, webhookUrl, streamUrl }),
        transport: httpTransport({ allowedHosts: hostOf(twilioApiBase({ region, apiBaseUrl })), clock }),
      };
    }
    case 'telnyx': {
      const { apiKey, connectionId, publicKey, apiBaseUrl } = carrier;
      return {
        carrier: telnyxCarrier({ apiKey, connectionId, publicKey, apiBaseUrl, webhookUrl, streamUrl }),
        transport: httpTransport({ allowedHosts: hostOf(telnyxApiBase({ apiBaseUrl })), clock }),
      };
    }
    case 'plivo': {
      const { authId, authToken, apiBaseUrl } = carrier;
      return {
        carrier: plivoCarrier({ authId, authToken, apiBaseUrl, webhookUrl, streamUrl }),
        transport: httpTransport({ allowedHosts: hostOf(plivoApiBase({ apiBaseUrl })), clock }),
      };
    }
    case 'mock':
      throw new VoiceCallError('VC_INTERNAL', { why: 'the mock carrier has no network' });
  }
}

/** A carrier's requests go to its own API and nowhere else. */
function hostOf(apiBase: string): ReadonlySet<string> {
  return new Set([new URL(apiBase).host]);
}

function runtimeDeps(deps: Ground, line: Line): RuntimeDeps {
  const { clock, newId, log, journal, agent, feed, settings, ownerAgent, live } = deps;
  const conversation = new Conversation(agent, log);
  const plan = (): CallPlan =>
    planFor({ settings, ownerAgent, streams: line.speech !== null, voiceModel: Boolean(live?.model) });
  const steady = live?.steady ?? clock;
  const observe: RuntimeDeps['observe'] = (call, event) => feed.stepped(call, event);
  return { clock, steady, newId, log, journal, conversation, observe, plan, ...line };
}

function openDoor(door: {
  readonly deps: Ground;
  readonly runtime: Runtime;
  readonly listener: Listener;
  readonly carrier: Carrier;
}): void {
  const { deps, runtime } = door;
  const { clock, log, settings, journal } = deps;
  const carrier = settings.skipSignatureVerification ? unverified(door.carrier) : door.carrier;
  const replay = new Replay(journal, clock);
  const diagnosis = new Diagnosis(clock);
  const post = (report: Report): ReturnType<Runtime['post']> => runtime.post(report);
  door.listener.serve({
    publicUrl: settings.publicUrl,
    forwarding: settings.forwarding,
    gate: { path: settings.serve.path, signatureHeaders: carrier.signatureHeaders },
    answer: (request) => answerWebhook(request, { carrier, replay, diagnosis, clock, log, post }),
  });
}
