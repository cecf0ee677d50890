// LiveAudio: what hears and speaks on media streams, we or a voice model; without either the carrier does it for us.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { LiveAudio } from '../app.ts';
import type { RealtimeSettings } from '../config/realtime.ts';
import type { Settings } from '../config/settings.ts';
import type { StreamingSettings } from '../config/streaming.ts';
import type { Consultant } from '../conversation/voice-model.ts';
import { steadyClock, systemClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { startLastingLine } from '../line/lasting.ts';
import { offlinePair, speaksOffline } from '../offline/pair.ts';
import { hasParts, partsFolder } from '../offline/parts.ts';
import { inNoContext } from './no-context.ts';
import { storeDir } from './openclaw.ts';
import { synthesizer } from './speech.ts';
import { findTranscriber } from './transcription.ts';
import { findVoiceModel } from './voice-model.ts';

interface LiveAudioOptions {
  /** As they stand now: the voices of later calls may change. */
  readonly settings: () => Settings;
  readonly log: Log;
  readonly consultant: Consultant | null;
}

/** Null when live audio is off or cannot be had; the reason is then in the log, and calls go on without it. */
export async function openLiveAudio(
  api: OpenClawPluginApi,
  { settings, log, consultant }: LiveAudioOptions,
): Promise<LiveAudio | null> {
  const { realtime, streaming, carrier, store } = settings();
  const configured =
    realtime !== null && consultant !== null
      ? await openVoiceModel(api.runtime, realtime, consultant, log)
      : streaming && (await openVoices(api.runtime, settings, streaming, log));
  // A test phone is there to try things out before anything is configured; a carrier speaks by itself.
  return configured ?? (carrier.name === 'mock' ? embedded(storeDir(api, store), settings(), log) : null);
}

async function openVoices(
  runtime: OpenClawPluginApi['runtime'],
  settings: () => Settings,
  streaming: StreamingSettings,
  log: Log,
): Promise<LiveAudio | null> {
  const transcriber = await findTranscriber(runtime, streaming, log);
  if ('why' in transcriber) {
    log.warn(`streaming is on, but ${transcriber.why}. Until then the carrier speaks and listens`);
    return null;
  }
  const options = (route: string | null): Settings['tts'] =>
    (route === null ? null : settings().numbers.get(route)?.tts) ?? settings().tts;
  return {
    provider: transcriber.provider,
    transcriber,
    synthesizer: synthesizer({ runtime, log, options }),
    steady: steadyClock,
    openLine,
  };
}

/** Null when their parts were not fetched, or the calls are in a language they do not speak. */
function embedded(store: string, { language }: Settings, log: Log): LiveAudio | null {
  const folder = partsFolder(store);
  if (!speaksOffline(language) || !hasParts(folder)) {
    log.info('no voice is configured: calls with a test phone are typed and read');
    return null;
  }
  const { synthesizer, transcriber, warm, stop } = offlinePair({ folder, clock: systemClock });
  const offline = { warm: () => inNoContext(warm), stop };
  return { provider: transcriber.provider, synthesizer, transcriber, offline, steady: steadyClock, openLine };
}

/** The line, and with it every call that comes in, outlives the start of our service. */
const openLine: LiveAudio['openLine'] = (options) => inNoContext(() => startLastingLine(options));

async function openVoiceModel(
  runtime: OpenClawPluginApi['runtime'],
  settings: RealtimeSettings,
  consultant: Consultant,
  log: Log,
): Promise<LiveAudio | null> {
  const voiceModel = await findVoiceModel(runtime, settings, log);
  if ('why' in voiceModel) {
    log.warn(`realtime is on, but ${voiceModel.why}. Until then the carrier speaks and listens`);
    return null;
  }
  return {
    provider: voiceModel.provider,
    model: { voiceModel, consultant, settings },
    steady: steadyClock,
    openLine,
  };
}
