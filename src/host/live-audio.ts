// LiveAudio: what hears and speaks on media streams, we or a voice model; without either the carrier does it for us.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { LiveAudio } from '../app.ts';
import type { RealtimeSettings } from '../config/realtime.ts';
import type { Settings } from '../config/settings.ts';
import type { Consultant } from '../conversation/voice-model.ts';
import { steadyClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { startLastingLine } from '../line/lasting.ts';
import { inNoContext } from './no-context.ts';
import { synthesizer } from './speech.ts';
import { findTranscriber } from './transcription.ts';
import { findVoiceModel } from './voice-model.ts';

/** Null when live audio is off or cannot be had; the reason is then in the log, and calls go on without it. */
export async function openLiveAudio(
  { runtime }: OpenClawPluginApi,
  settings: Settings,
  log: Log,
  consultant: Consultant | null,
): Promise<LiveAudio | null> {
  const { streaming, realtime, carrier } = settings;
  if (realtime !== null && consultant !== null && carrier.name !== 'mock') {
    return openVoiceModel(runtime, realtime, consultant, log);
  }
  if (streaming === null || carrier.name === 'mock') return null;
  const transcriber = await findTranscriber(runtime, streaming, log);
  if ('why' in transcriber) {
    log.warn(`streaming is on, but ${transcriber.why}. Until then the carrier speaks and listens`);
    return null;
  }
  const options = (route: string | null): Settings['tts'] =>
    (route === null ? null : settings.numbers.get(route)?.tts) ?? settings.tts;
  return {
    provider: transcriber.provider,
    transcriber,
    synthesizer: synthesizer({ runtime, log, options }),
    steady: steadyClock,
    openLine,
  };
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
