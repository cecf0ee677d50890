// LiveAudio: what we hear and speak with on media streams; without a transcriber the carrier does both for us.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import type { LiveAudio } from '../app.ts';
import type { Settings } from '../config/settings.ts';
import { steadyClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { startLastingLine } from '../line/lasting.ts';
import { synthesizer } from './speech.ts';
import { findTranscriber } from './transcription.ts';

/** Null when live audio is off or cannot be had; the reason is then in the log, and calls go on without it. */
export async function openLiveAudio(
  { runtime }: OpenClawPluginApi,
  settings: Settings,
  log: Log,
): Promise<LiveAudio | null> {
  const { streaming, carrier } = settings;
  if (streaming === null || carrier.name === 'mock') return null;
  const transcriber = await findTranscriber(runtime, streaming, log);
  if ('why' in transcriber) {
    log.warn(`streaming is on, but ${transcriber.why}. Until then the carrier speaks and listens`);
    return null;
  }
  log.info('live audio is ready', { transcription: transcriber.provider });
  const options = (route: string | null): Settings['tts'] =>
    (route === null ? null : settings.numbers.get(route)?.tts) ?? settings.tts;
  return {
    transcriber,
    synthesizer: synthesizer({ runtime, log, options }),
    steady: steadyClock,
    openLine: startLastingLine,
  };
}
