// App: builds everything once, in one order: journal, port, voices, carrier, runtime; then the door opens.
import type { Report, Transport, WireReply } from './carrier/carrier.ts';
import { type CarrierLine, mockLine, networkLine } from './carriers.ts';
import type { Settings } from './config/settings.ts';
import { summaryOf } from './config/summary.ts';
import { Conversation } from './conversation/conversation.ts';
import type { Agent } from './conversation/ports.ts';
import { Feed, type FeedDeps } from './feed/feed.ts';
import { TEST_PHONE_NUMBERS, type TestPhones } from './handset/phones.ts';
import { type House, type HouseDeps, openDoor, openForStreams, openHouse } from './house.ts';
import { type Clock, wait } from './lib/clock.ts';
import { VoiceCallError } from './lib/errors.ts';
import { Health } from './lib/health.ts';
import { inTurn } from './lib/in-turn.ts';
import type { LogFields } from './lib/log.ts';
import { planFor } from './plan.ts';
import type { Reach } from './reach/reach.ts';
import { importLeftBehind } from './record/import.ts';
import { type Journal, openJournal } from './record/journal.ts';
import { lockStore } from './record/store-lock.ts';
import { Gauge } from './runtime/gauge.ts';
import type { Phone } from './runtime/phone.ts';
import { type CallPlan, Runtime, type RuntimeDeps } from './runtime/runtime.ts';
import { type OnLinesDeps, type SpeechOnLines, speechOn } from './speech.ts';

export type { LiveAudio } from './speech.ts';

export interface AppDeps extends Omit<HouseDeps, 'health' | 'onLoad'> {
  readonly agent: Agent;
  /** The agent that owns calls nobody else owns; throws VC_AGENT_UNKNOWN when there is no telling. */
  readonly ownerAgent: (configured: string | null) => string;
  /** Folder of the call store. */
  readonly storeDir: string;
  /** Where those who look on are told what happens. */
  readonly tell: FeedDeps['tell'];
  /** Stands between us, the store and the network: for those who try what happens when we die there. */
  readonly seams?: Seams;
  /** What the next call gets: keys of `settings` that need no new house may change. As at the start when absent. */
  readonly settingsNow?: () => Settings;
  /** Outlives this telephone, and tells why none could be started; one of its own when absent. */
  readonly health?: Health;
  /** Something else is wanted: starting is given up between two steps. */
  readonly signal?: AbortSignal;
}

interface Seams {
  journal(journal: Journal): Journal;
  transport(transport: Transport): Transport;
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
  readonly gauge: Gauge;
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
    await importLeftBehind(journal, storeDir, log);
    const gauge = new Gauge({ clock: deps.live?.steady ?? clock, health });
    const app = await build({ ...deps, health, journal, feed: new Feed(deps), gauge, now });
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

async function build(deps: Ground): Promise<App> {
  const { settings, clock, log, health, feed, live, now, gauge } = deps;
  const house = await openHouse({ ...deps, onLoad: (load) => gauge.lineWas(load) });
  try {
    deps.signal?.throwIfAborted();
    const happened: OnLinesDeps['post'] = (...told) => runtime.happen(...told);
    const speech = house?.lines && live ? speechOn(house.lines, { ...deps, live, post: happened }) : null;
    const post = (report: Report): Promise<WireReply> => runtime.post(report);
    const line = lineFor(deps, { house, speech, post });
    const runtime: Runtime = new Runtime(runtimeDeps(deps, line, speech));
    speech?.listen();
    if (house && line.reach)
      openDoor(house, { ...deps, carrier: line.carrier, post, onMoved: () => runtime.moved() });
    else if (house) openForStreams(house, settings, line.carrier);
    await line.reach?.start();
    runtime.restore();
    log.info('voice call is ready', {
      ...summaryOf(settings, live?.provider ?? null),
      ...(line.reach && addressOf(settings, line.reach)),
    });
    return {
      phone: runtime,
      health,
      watch: (callId) => feed.watch(callId),
      reach: line.reach,
      ...(line.people && { testPhones: line.people.testPhones }),
      openCalls: () => runtime.openCalls,
      refresh: () => speech?.ofCalls.refresh(),
      stop(how) {
        const goodbye = (): unknown => how === 'goodbye' && runtime.farewell(now().shutdownDrainMs);
        const carrier = (): void => line.close();
        const calls = (): unknown => (line.reach ? handOver(runtime, clock) : runtime.stop());
        const voices = (): unknown => live?.offline?.stop();
        return inTurn({ goodbye, carrier, calls, house: () => house?.close(), voices }, log);
      },
    };
  } catch (error) {
    await house?.close();
    throw error;
  }
}

interface Site {
  readonly house: House | null;
  readonly speech: SpeechOnLines | null;
  readonly post: (report: Report) => Promise<WireReply>;
}

/** The carrier of the configuration, and how we and it speak to each other. */
function lineFor(deps: Ground, { house, speech, post }: Site): CarrierLine {
  const { settings, clock, newId, log, health, seams, live } = deps;
  const { carrier, fromNumber: ourNumber } = settings;
  if (carrier.name === 'mock') {
    const streamUrl = house?.reach.address.streamUrl ?? null;
    const onOpen = (): void => live?.offline?.warm();
    const inUse = speech?.inUse ?? null;
    return mockLine(carrier, { clock, newId, log, post, ourNumber, speech: inUse, onOpen, streamUrl });
  }
  if (!house) throw new VoiceCallError('VC_INTERNAL', { why: 'a carrier over the network needs a port' });
  const { reach } = house;
  const seam = (transport: Transport): Transport => seams?.transport(transport) ?? transport;
  return networkLine(carrier, { reach, clock, health, seam });
}

function runtimeDeps(deps: Ground, line: CarrierLine, speech: SpeechOnLines | null): RuntimeDeps {
  const { clock, newId, log, journal, agent, feed, now, ownerAgent, live, gauge } = deps;
  const { carrier, transport, reach, people } = line;
  const voiceModel = Boolean(live?.model);
  // Scripted people have no voice.
  const streams = (number: string): boolean =>
    speech !== null && (people?.testPhones.hasSound(number) ?? true);
  const alsoAdmitted = people ? TEST_PHONE_NUMBERS : [];
  return {
    clock,
    steady: live?.steady ?? clock,
    gauge,
    newId,
    log,
    journal,
    carrier,
    transport,
    conversation: new Conversation(agent, log),
    speech: speech?.ofCalls ?? null,
    plan: (): CallPlan => planFor({ settings: now(), ownerAgent, streams, voiceModel, alsoAdmitted }),
    observe(call, event) {
      people?.testPhones.follow(call);
      feed.stepped(call, event);
    },
    ...(reach && { assertReachable: () => reach.address.assertOpen() }),
    ...(people && { ring: people.ring }),
  };
}

/** Where the carrier finds us, and what says so. */
function addressOf({ publicUrl, tunnel }: Settings, { address, port }: Reach): LogFields {
  const { origin, pathname } = new URL(address.webhookUrl);
  const urlBy = publicUrl === null ? (tunnel?.kind ?? 'serve') : 'publicUrl';
  return { url: address.trouble ? undefined : `${origin}${pathname}`, urlBy, port };
}

/** Carriers come back from a closed stream within a round trip. */
const COMES_BACK_MS = 1_000;

/** What we leave to the next process is kept waiting; nothing new is taken. */
async function handOver(runtime: Runtime, clock: Clock): Promise<void> {
  const { hasStreams } = runtime;
  runtime.stop();
  // A carrier whose stream is closed asks what to do instead: were nobody there, it would end the call.
  if (hasStreams) await wait(clock, COMES_BACK_MS);
}
