// Plan: what the configuration decides for each call, frozen on it when it begins.
import type { CallSettings } from './call/call.ts';
import type { NumberRoute, Settings } from './config/settings.ts';
import { withoutSecrets } from './config/tts.ts';
import { sessionKeyFor } from './conversation/session-key.ts';
import { languageOnly } from './lib/language.ts';
import { ownedBy } from './runtime/ownerless.ts';
import type { PlaceRequest } from './runtime/phone.ts';
import type { CallPlan } from './runtime/runtime.ts';

export interface PlanDeps {
  readonly settings: Settings;
  /** The agent that owns calls nobody else owns; throws VC_AGENT_UNKNOWN when there is no telling. */
  readonly ownerAgent: (configured: string | null) => string;
  /** Conversations with this number get a media stream. */
  readonly streams: (number: string) => boolean;
  /** A voice model holds them. */
  readonly voiceModel: boolean;
  /** Who may call whatever the policy says. */
  readonly alsoAdmitted: readonly string[];
}

/** Who may call, how many, and how each call is held: read anew for every call. */
export function planFor({ settings, ownerAgent, streams, voiceModel, alsoAdmitted }: PlanDeps): CallPlan {
  const {
    inboundPolicy,
    allowFrom,
    maxConcurrentCalls,
    outbound,
    retentionMs,
    maxInboundCalls,
    staleAfterMs,
    fromNumber,
  } = settings;
  return {
    inboundPolicy,
    allowFrom,
    alsoAdmitted,
    maxConcurrentCalls,
    outbound,
    retentionMs,
    maxInboundCalls,
    maxStreams: (settings.realtime ?? settings.streaming)?.maxConnections ?? Number.POSITIVE_INFINITY,
    staleAfterMs,
    fromNumber,
    settingsFor: ownedBy(ownerAgent, (call, ownerOf) =>
      settingsFor(settings, { ...call, streams, voiceModel }, ownerOf),
    ),
  };
}

function settingsFor(
  settings: Settings,
  {
    direction,
    callId,
    from,
    to,
    request,
    streams,
    voiceModel,
  }: Parameters<CallPlan['settingsFor']>[0] & Pick<PlanDeps, 'streams' | 'voiceModel'>,
  ownerOf: PlanDeps['ownerAgent'],
): CallSettings {
  const isInbound = direction === 'inbound';
  const route = isInbound ? settings.numbers.get(to) : undefined;
  const agentId = ownerOf(request?.agentId ?? route?.agentId ?? settings.agentId);
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
    stream: streams(isInbound ? from : to),
    voiceModel,
    sensitivity: (settings.realtime ?? settings.streaming)?.sensitivity ?? 'medium',
    silenceTimeoutMs: settings.silenceTimeoutMs,
    tts: spokenWith(settings, route),
    dtmfSequence: request?.dtmfSequence ?? null,
    numberRoute: route === undefined ? null : to,
  };
}

/** Written down with the call, so without keys. */
function spokenWith(settings: Settings, route: NumberRoute | undefined): CallSettings['tts'] {
  const tts = route?.tts ?? settings.tts;
  return tts === null ? null : withoutSecrets(tts);
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
  const fits = voiced !== -1 && languageOnly(languageFrom(voiced)) === languageOnly(language);
  return { language, voice: fits ? (wishes[voiced]?.voice ?? null) : null };
}
