// App: builds everything once, in one order: journal, port, carrier, runtime; then the door opens.
import type { Carrier, Report, Transport } from './carrier/carrier.ts';
import { MockExchange } from './carrier/mock/exchange.ts';
import { type MockReport, mockCarrier, reportOf } from './carrier/mock/index.ts';
import { watched } from './carrier/watched.ts';
import { carrierLine } from './carriers.ts';
import type { RealtimeSettings } from './config/realtime.ts';
import type { CarrierSettings, Settings } from './config/settings.ts';
import { PLAIN_STREAMING } from './config/streaming.ts';
import { summaryOf } from './config/summary.ts';
import { clip } from './conversation/clip.ts';
import { Conversation } from './conversation/conversation.ts';
import { LiveSpeech, type LiveSpeechDeps } from './conversation/live-speech.ts';
import { ModelSpeech } from './conversation/model-speech.ts';
import type { Agent, Synthesizer, Transcriber } from './conversation/ports.ts';
import type { Consultant, VoiceModel } from './conversation/voice-model.ts';
import { Feed, type FeedDeps } from './feed/feed.ts';
import { tappedModel, tappedTranscriber } from './feed/taps.ts';
import { TEST_PHONE_NUMBERS, TestPhones } from './handset/phones.ts';
import type { SpeechInUse } from './handset/protocol.ts';
import { Diagnosis } from './ingress/diagnosis.ts';
import type { Identity } from './ingress/identity.ts';
import { namingOwner } from './ingress/port-owner.ts';
import { Replay } from './ingress/replay.ts';
import { bind, type Listener } from './ingress/server.ts';
import { streamPrefix } from './ingress/stream-token.ts';
import { unverified } from './ingress/unverified.ts';
import { answerWebhook, plain } from './ingress/webhook.ts';
import { background } from './lib/background.ts';
import { type Clock, wait } from './lib/clock.ts';
import { VoiceCallError } from './lib/errors.ts';
import { Health } from './lib/health.ts';
import { type NewId, newSecret } from './lib/ids.ts';
import { inTurn } from './lib/in-turn.ts';
import type { Log, LogFields } from './lib/log.ts';
import type { LineOptions } from './line/lasting.ts';
import type { LineThread } from './line/thread.ts';
import { planFor } from './plan.ts';
import { Reach, type TunnelFor } from './reach/reach.ts';
import { importLeftBehind } from './record/import.ts';
import { type Journal, openJournal } from './record/journal.ts';
import { lockStore } from './record/store-lock.ts';
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
  /** Makes the tunnel the settings name; without it VC_INTERNAL where they name one. */
  readonly tunnelFor?: TunnelFor;
  /** Stands between us, the store and the network: for those who try what happens when we die there. */
  readonly seams?: Seams;
  /** What the next call gets: keys of `settings` that need no new house may change. As at the start when absent. */
  readonly settingsNow?: () => Settings;
  /** Outlives this telephone, and tells why none could be started; one of its own when absent. */
  readonly health?: Health;
  /** Who we are to others on this machine who want our port or our store; nameless when absent. */
  readonly identity?: Identity;
  /** Something else is wanted: starting is given up between two steps. */
  readonly signal?: AbortSignal;
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
  /** Set when voice and ear are embedded: nothing that is said or heard leaves this machine. */
  readonly offline?: {
    /** Somebody is about to call: what takes long is begun. */
    warm(): void;
    stop(): Promise<void>;
  };
  /** The time of what is heard: it never jumps. */
  readonly steady: Clock;
  /** Opens the port with the media streams on it; in the Gateway a thread of its own. */
  readonly openLine: (options: LineOptions) => Promise<LineThread>;
}

/** How a telephone leaves: its calls go on in the next one, or they are told goodbye. */
export type Leaving = 'handOver' | 'goodbye';

export interface App {
  readonly phone: Phone;
  /** What does not work now. */
  readonly health: Health;
  /** Somebody looks at this call: the feed tells its sound and words for a while. */
  watch(callId: string): void;
  /** How the carrier reaches us; null for a carrier without network. */
  readonly reach: Reach | null;
  /** Absent where a real carrier has the line. */
  readonly testPhones?: TestPhones;
  openCalls(): number;
  /** Voices may sound different now: what was prepared is forgotten. */
  refresh(): void;
  /** A hand-over unless told otherwise. Never rejects. */
  stop(how?: Leaving): Promise<void>;
}

/** What everything else stands on. */
interface Ground extends AppDeps {
  readonly health: Health;
  readonly journal: Journal;
  readonly feed: Feed;
  readonly now: () => Settings;
}

/** Starts the telephone. Whatever fails, what was started before is stopped again. */
export async function startApp(deps: AppDeps): Promise<App> {
  const { settings, clock, log, storeDir, seams, settingsNow: now = () => settings } = deps;
  const health = deps.health ?? new Health(clock, log);
  const lock = lockStore(storeDir, deps.identity ?? { pid: process.pid, stateDir: storeDir });
  let opened: Journal | null = null;
  const leaveStore = (): Promise<void> =>
    inTurn({ journal: () => opened?.close(), store: () => lock.release() }, log);
  try {
    opened = openJournal(storeDir, { health, repairs: true });
    const journal = seams?.journal(opened) ?? opened;
    const ground = { ...deps, health, journal, feed: new Feed(deps), now };
    await importLeftBehind(journal, storeDir, log);
    const app = await (settings.carrier.name === 'mock' ? startMock(ground) : startReal(ground));
    return {
      ...app,
      stop: async (how) => {
        await app.stop(how);
        await leaveStore();
      },
    };
  } catch (error) {
    await leaveStore();
    throw error;
  }
}

/** The mock carrier lives in the process; only the sound of a test phone needs a port, which nobody else finds. */
async function startMock(deps: Ground): Promise<App> {
  const house = deps.live && (await openHouse({ ...deps, settings: withinThisMachine(deps.settings) }));
  try {
    return mockIn(house, deps);
  } catch (error) {
    await house?.close();
    throw error;
  }
}

function mockIn(house: House | null, deps: Ground): App {
  const { settings, clock, newId, log, health, live, now } = deps;
  const carrier = mockCarrier({ streamUrl: house?.reach.address.streamUrl ?? null });
  // Media streams are let in once the door is open; nobody else may knock.
  house?.listener.serve({
    publicUrls: [],
    forwarding: settings.forwarding,
    gate: { path: '', signatureHeaders: carrier.signatureHeaders },
    answer: async () => plain(404, 'Not Found'),
  });
  const report = (told: MockReport): Promise<void> => {
    const taken = runtime.post(reportOf(told)).then(() => undefined);
    background(taken, 'taking a mock report', log);
    return taken;
  };
  const speech = house?.lines ? liveSpeech(deps, house.lines, (...told) => runtime.happen(...told)) : null;
  const inUse = speech && live && speechInUse(live);
  const testPhones = new TestPhones({
    clock,
    newId,
    log,
    report,
    ourNumber: settings.fromNumber,
    speech: inUse,
    onOpen: () => live?.offline?.warm(),
  });
  const exchange = new MockExchange({ clock, newId, report, handsets: testPhones, ...mockOf(settings) });
  const line = { carrier, transport: exchange.transport, speech, testPhones };
  const runtime = new Runtime({
    ...runtimeDeps(deps, line),
    ring: (from, to, lines) => exchange.ring(from, to, lines),
  });
  if (house?.lines) listen(house.lines, deps.feed, speech);
  runtime.restore();
  deps.log.info('voice call is ready', summaryOf(settings, live?.provider ?? null));
  return {
    phone: runtime,
    health,
    watch: (callId) => deps.feed.watch(callId),
    reach: null,
    testPhones,
    openCalls: () => runtime.openCalls,
    refresh: () => refreshed(speech),
    stop: async (how) => {
      const people = (): void => {
        testPhones.close();
        exchange.close();
      };
      const calls = (): void => runtime.stop();
      const words = (): Promise<void> => goodbye(runtime, how, now());
      const voices = (): unknown => live?.offline?.stop();
      await inTurn({ goodbye: words, people, calls, house: () => house?.close(), voices }, log);
    },
  };
}

function mockOf({ carrier }: Settings): Extract<CarrierSettings, { name: 'mock' }> {
  if (carrier.name !== 'mock') throw new VoiceCallError('VC_INTERNAL', { why: 'not the mock carrier' });
  return carrier;
}

/** Any free port of loopback, whatever is configured for carriers. */
function withinThisMachine(settings: Settings): Settings {
  const serve = { ...settings.serve, bind: '127.0.0.1', port: 0 };
  return {
    ...settings,
    serve,
    publicUrl: null,
    tunnel: null,
    streaming: settings.streaming ?? PLAIN_STREAMING,
  };
}

function speechInUse(live: LiveAudio): SpeechInUse {
  const isOffline = live.offline !== undefined;
  if (live.model) {
    const { provider } = live.model.voiceModel;
    return { voice: provider, hearing: provider, isOffline };
  }
  return { voice: live.synthesizer.provider, hearing: live.transcriber.provider, isOffline };
}

async function startReal(deps: Ground): Promise<App> {
  const { settings, log, health, feed, now } = deps;
  const house = await namingOwner(settings.serve, deps.identity, () => openHouse(deps));
  const { reach } = house;
  try {
    deps.signal?.throwIfAborted();
    const { carrier, ...line } = carrierLine(settings.carrier, reach.address, deps.clock);
    const transport = watched(deps.seams?.transport(line.transport) ?? line.transport, health, carrier.name);
    const speech = house.lines && liveSpeech(deps, house.lines, (...told) => runtime.happen(...told));
    const assertReachable = (): void => reach.address.assertOpen();
    const runtime = new Runtime({ ...runtimeDeps(deps, { carrier, transport, speech }), assertReachable });
    if (house.lines) listen(house.lines, feed, speech);
    openDoor({ deps, runtime, house, carrier });
    await reach.start();
    runtime.restore();
    log.info('voice call is ready', {
      ...summaryOf(settings, deps.live?.provider ?? null),
      ...addressOf(settings, house),
    });
    return {
      phone: runtime,
      health,
      watch: (callId) => feed.watch(callId),
      reach,
      openCalls: () => runtime.openCalls,
      refresh: () => refreshed(speech),
      stop: async (how) => {
        const calls = (): Promise<void> => handOver(runtime, deps.clock);
        await inTurn({ goodbye: () => goodbye(runtime, how, now()), calls, house: () => house.close() }, log);
      },
    };
  } catch (error) {
    await house.close();
    throw error;
  }
}

/** Where the carrier finds us, and what says so. */
function addressOf({ publicUrl, tunnel }: Settings, { reach, listener }: House): LogFields {
  const { origin, pathname } = new URL(reach.address.webhookUrl);
  const urlBy = publicUrl === null ? (tunnel?.kind ?? 'serve') : 'publicUrl';
  return {
    url: reach.address.trouble ? undefined : `${origin}${pathname}`,
    urlBy,
    port: listener.port,
  };
}

function listen(lines: LineThread, feed: Feed, speech: Line['speech']): void {
  feed.follow(lines);
  lines.listen((event) => {
    feed.line(event);
    speech?.heard(event);
  });
}

/** Carriers come back from a closed stream within a round trip. */
const FAREWELL_MS = 1_000;

async function goodbye(runtime: Runtime, how: Leaving | undefined, now: Settings): Promise<void> {
  if (how === 'goodbye') await runtime.farewell(now.shutdownDrainMs);
}

async function handOver(runtime: Runtime, clock: Clock): Promise<void> {
  const { hasStreams } = runtime;
  // What we leave to the next process is kept waiting; nothing new is taken.
  runtime.stop();
  // A carrier whose stream is closed asks what to do instead: were nobody there, it would end the call.
  if (hasStreams) await wait(clock, FAREWELL_MS);
}

function refreshed(speech: Line['speech']): void {
  if (speech instanceof LiveSpeech) speech.refresh();
}

/** The port, and on it the webhook and the media streams; and how the outside gets to it. */
interface House {
  readonly listener: Listener;
  readonly reach: Reach;
  /** Signs the tokens of media streams and our own probes. */
  readonly secret: Uint8Array;
  /** Null: there are no media streams. */
  readonly lines: LineThread | null;
  close(): Promise<void>;
}

/** With live audio the port is opened by a thread of its own, which no agent can keep waiting. */
async function openHouse(deps: Ground): Promise<House> {
  const { settings, clock, log, live, identity } = deps;
  const { serve } = settings;
  const secret = newSecret();
  const streams = live === null ? null : (settings.realtime ?? settings.streaming);
  const lines = live && streams && (await openLines(deps, live, streams, secret));
  const listener = lines?.listener ?? (await bind({ host: serve.bind, port: serve.port, clock, identity }));
  const reach = new Reach({
    ...deps,
    port: listener.port,
    streamPath: streams?.path ?? null,
    secret,
    tunnelFor: deps.tunnelFor ?? noTunnels,
  });
  const port = (): Promise<void> => (lines ? lines.stop() : listener.close());
  const close = (): Promise<void> => inTurn({ reach: () => reach.stop(), port }, log);
  return { listener, reach, secret, lines, close };
}

function openLines(
  { settings, log, health, identity }: Ground,
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
  return live.openLine({ host: serve.bind, port: serve.port, stream, identity, log, health });
}

function noTunnels(): never {
  throw new VoiceCallError('VC_INTERNAL', { why: 'nothing here opens tunnels' });
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
  readonly testPhones?: TestPhones;
}

function runtimeDeps(deps: Ground, { testPhones, ...line }: Line): RuntimeDeps {
  const { clock, newId, log, journal, agent, feed, now, ownerAgent, live } = deps;
  const conversation = new Conversation(agent, log);
  const voiceModel = Boolean(live?.model);
  // Scripted people have no voice.
  const streams = (number: string): boolean => line.speech !== null && (testPhones?.hasSound(number) ?? true);
  const alsoAdmitted = testPhones ? TEST_PHONE_NUMBERS : [];
  const plan = (): CallPlan => planFor({ settings: now(), ownerAgent, streams, voiceModel, alsoAdmitted });
  const steady = live?.steady ?? clock;
  const observe: RuntimeDeps['observe'] = (call, event) => {
    testPhones?.follow(call);
    feed.stepped(call, event);
  };
  return { clock, steady, newId, log, journal, conversation, observe, plan, ...line };
}

function openDoor(door: {
  readonly deps: Ground;
  readonly runtime: Runtime;
  readonly house: House;
  readonly carrier: Carrier;
}): void {
  const { deps, runtime, house } = door;
  const { clock, log, settings, journal } = deps;
  const { listener, secret, reach } = house;
  const carrier = settings.skipSignatureVerification ? unverified(door.carrier) : door.carrier;
  const replay = new Replay(journal, clock);
  const diagnosis = new Diagnosis(clock);
  const post = (report: Report): ReturnType<Runtime['post']> => runtime.post(report);
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
    if (webhookUrl !== told) runtime.moved();
    told = webhookUrl;
  });
}
