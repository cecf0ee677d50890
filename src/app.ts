// App: builds everything once, in one order: journal, port, carrier, runtime; then the door opens.
import type { CallSettings } from './call/call.ts';
import type { Carrier, Report, Transport } from './carrier/carrier.ts';
import { httpTransport } from './carrier/http.ts';
import { MockExchange } from './carrier/mock/exchange.ts';
import { mockCarrier } from './carrier/mock/index.ts';
import { plivoApiBase, plivoCarrier } from './carrier/plivo/index.ts';
import { telnyxApiBase, telnyxCarrier } from './carrier/telnyx/index.ts';
import { twilioApiBase, twilioCarrier } from './carrier/twilio/index.ts';
import type { CarrierSettings, NumberRoute, Settings } from './config/settings.ts';
import { Conversation } from './conversation/conversation.ts';
import type { Agent } from './conversation/ports.ts';
import { sessionKeyFor } from './conversation/session-key.ts';
import { Diagnosis } from './ingress/diagnosis.ts';
import { Replay } from './ingress/replay.ts';
import { bind, type Listener } from './ingress/server.ts';
import { unverified } from './ingress/unverified.ts';
import { answerWebhook, gate } from './ingress/webhook.ts';
import type { Clock } from './lib/clock.ts';
import { VoiceCallError } from './lib/errors.ts';
import type { NewId } from './lib/ids.ts';
import type { Log } from './lib/log.ts';
import { type Journal, openJournal } from './record/journal.ts';
import type { Phone, PlaceRequest } from './runtime/phone.ts';
import { type CallPlan, Runtime, type RuntimeDeps } from './runtime/runtime.ts';

export interface AppDeps {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly log: Log;
  readonly agent: Agent;
  /** The agent that owns calls nobody else owns; throws VC_AGENT_UNKNOWN when there is no telling. */
  readonly ownerAgent: (configured: string | null) => string;
  /** Folder of the call store. */
  readonly storeDir: string;
  /** Told after every step of every call: our event feed. */
  readonly observe: RuntimeDeps['observe'];
}

export interface App {
  readonly phone: Phone;
  /** Where the carrier reaches us; null for a carrier without network. */
  readonly webhookUrl: string | null;
  openCalls(): number;
  stop(): Promise<void>;
}

/** Starts the telephone. Whatever fails, what was started before is stopped again. */
export async function startApp(deps: AppDeps): Promise<App> {
  const journal = openJournal(deps.storeDir);
  try {
    return deps.settings.carrier.name === 'mock' ? startMock(deps, journal) : await startReal(deps, journal);
  } catch (error) {
    journal.close();
    throw error;
  }
}

/** The mock carrier needs no port: its exchange is in the process. */
function startMock(deps: AppDeps, journal: Journal): App {
  const { settings, clock, newId } = deps;
  if (settings.carrier.name !== 'mock')
    throw new VoiceCallError('VC_INTERNAL', { why: 'not the mock carrier' });
  const { says, answerAfterMs, pace } = settings.carrier;
  const exchange = new MockExchange({ clock, newId, says, answerAfterMs, pace, deliver });
  const runtime = new Runtime({
    ...runtimeDeps(deps, journal, { carrier: mockCarrier, transport: exchange.transport }),
    ring: (from, to, lines) => exchange.ring(from, to, lines),
  });
  function deliver(body: string): void {
    const request = { method: 'POST', path: '/', headers: {}, body, urls: [] };
    const report = mockCarrier.decode(request, clock.now());
    if (report) runtime.post(report).catch(() => deps.log.error('a mock report was lost'));
  }
  runtime.restore();
  return {
    phone: runtime,
    webhookUrl: null,
    openCalls: () => runtime.openCalls,
    stop: async () => {
      exchange.close();
      runtime.stop();
      journal.close();
    },
  };
}

async function startReal(deps: AppDeps, journal: Journal): Promise<App> {
  const { settings, clock, log } = deps;
  const { serve } = settings;
  const listener = await bind({ host: serve.bind, port: serve.port, clock });
  try {
    const webhookUrl = settings.publicUrl ?? `http://${serve.bind}:${listener.port}${serve.path}`;
    const line = realLine(settings.carrier, webhookUrl, clock);
    const runtime = new Runtime(runtimeDeps(deps, journal, line));
    openDoor({ deps, journal, runtime, listener, carrier: line.carrier });
    runtime.restore();
    log.info('voice call is ready', { carrier: line.carrier.name, port: listener.port });
    return {
      phone: runtime,
      webhookUrl,
      openCalls: () => runtime.openCalls,
      stop: async () => {
        // First nobody comes in any more, then those who wait are answered, then the store closes.
        const closed = listener.close();
        runtime.stop();
        await closed;
        journal.close();
      },
    };
  } catch (error) {
    await listener.close();
    throw error;
  }
}

interface Line {
  readonly carrier: Carrier;
  readonly transport: Transport;
}

function realLine(carrier: CarrierSettings, webhookUrl: string, clock: Clock): Line {
  switch (carrier.name) {
    case 'twilio': {
      const { accountSid, authToken, region, apiBaseUrl } = carrier;
      return {
        carrier: twilioCarrier({ accountSid, authToken, region, apiBaseUrl, webhookUrl }),
        transport: httpTransport({ allowedHosts: hostOf(twilioApiBase({ region, apiBaseUrl })), clock }),
      };
    }
    case 'telnyx': {
      const { apiKey, connectionId, publicKey, apiBaseUrl } = carrier;
      return {
        carrier: telnyxCarrier({ apiKey, connectionId, publicKey, apiBaseUrl, webhookUrl }),
        transport: httpTransport({ allowedHosts: hostOf(telnyxApiBase({ apiBaseUrl })), clock }),
      };
    }
    case 'plivo': {
      const { authId, authToken, apiBaseUrl } = carrier;
      return {
        carrier: plivoCarrier({ authId, authToken, apiBaseUrl, webhookUrl }),
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

function runtimeDeps(deps: AppDeps, journal: Journal, line: Line): RuntimeDeps {
  const { clock, newId, log, agent, observe } = deps;
  const conversation = new Conversation(agent, log);
  return { clock, newId, log, journal, conversation, observe, ...line, plan: () => planFor(deps) };
}

function openDoor(door: {
  readonly deps: AppDeps;
  readonly journal: Journal;
  readonly runtime: Runtime;
  readonly listener: Listener;
  readonly carrier: Carrier;
}): void {
  const { deps, runtime } = door;
  const { clock, log, settings } = deps;
  const carrier = settings.skipSignatureVerification ? unverified(door.carrier) : door.carrier;
  const replay = new Replay(door.journal, clock);
  const diagnosis = new Diagnosis(clock);
  const post = (report: Report): ReturnType<Runtime['post']> => runtime.post(report);
  door.listener.serve({
    publicUrl: settings.publicUrl,
    forwarding: settings.forwarding,
    gate: (head) => gate(head, settings.serve.path, carrier),
    answer: (request) => answerWebhook(request, { carrier, replay, diagnosis, clock, log, post }),
  });
}

function planFor({ settings, ownerAgent }: AppDeps): CallPlan {
  const { inboundPolicy, allowFrom, maxConcurrentCalls, maxInboundCalls, staleAfterMs, fromNumber } =
    settings;
  return {
    inboundPolicy,
    allowFrom,
    maxConcurrentCalls,
    maxInboundCalls,
    staleAfterMs,
    fromNumber,
    settingsFor: ({ direction, callId, from, to, request }): CallSettings => {
      const isInbound = direction === 'inbound';
      const route = isInbound ? settings.numbers.get(to) : undefined;
      const agentId = ownerAgent(request?.agentId ?? route?.agentId ?? settings.agentId);
      return {
        agentId,
        sessionKey: sessionKeyFor({
          scope: settings.sessionScope,
          agentId,
          otherParty: isInbound ? from : to,
          callId,
          explicitKey: request?.sessionKey ?? null,
        }),
        greeting: isInbound ? greetingOf(settings, route) : (request?.message ?? null),
        ...speechFor(settings, route, request),
        ...answersFor(settings, route),
        ringTimeoutMs: settings.ringTimeoutMs,
        maxDurationMs: settings.maxDurationMs,
        transcriptTimeoutMs: settings.transcriptTimeoutMs,
        notifyHangupDelayMs: settings.notifyHangupDelayMs,
        dtmfSequence: request?.dtmfSequence ?? null,
        numberRoute: route === undefined ? null : to,
      };
    },
  };
}

function greetingOf({ inboundGreeting }: Settings, route: NumberRoute | undefined): string {
  return route?.inboundGreeting ?? inboundGreeting;
}

type Answering = Pick<CallSettings, 'responseModel' | 'responseSystemPrompt' | 'responseTimeoutMs'>;

function answersFor(settings: Settings, route: NumberRoute | undefined): Answering {
  return {
    responseModel: route?.responseModel ?? settings.responseModel,
    responseSystemPrompt: route?.responseSystemPrompt ?? settings.responseSystemPrompt,
    responseTimeoutMs: route?.responseTimeoutMs ?? settings.responseTimeoutMs,
  };
}

/**
 * What was asked for this call wins, then what the number called has, then what is so for all calls. A voice is
 * not kept for another language than it was chosen for.
 */
function speechFor(
  settings: Settings,
  route: NumberRoute | undefined,
  request: PlaceRequest | null,
): Pick<CallSettings, 'language' | 'voice'> {
  const wishes = [request, route, settings].filter((one) => one !== null && one !== undefined);
  const languageFrom = (at: number): string =>
    wishes.slice(at).find((wish) => wish.language !== null)?.language ?? settings.language;
  const voiced = wishes.findIndex((wish) => wish.voice !== null);
  const language = languageFrom(0);
  const fits = voiced !== -1 && tongueOf(languageFrom(voiced)) === tongueOf(language);
  return { language, voice: fits ? (wishes[voiced]?.voice ?? null) : null };
}

function tongueOf(language: string): string {
  return new Intl.Locale(language).language;
}
