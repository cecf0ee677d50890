// StoredCall: a call as it comes back from disk, also from an older version that knew less of calls.
import type { Call } from '../call/call.ts';

/** The call of a row that has its `snapshot`. */
export function callOf(row: Record<string, unknown>): Call {
  const call = JSON.parse(String(row['snapshot'])) as Call;
  return { ...BEFORE_STREAMS, ...call, settings: { ...SETTINGS_BEFORE_STREAMS, ...call.settings } };
}

/** What calls lack that were stored by a version without media streams. */
const BEFORE_STREAMS = { stream: null, streams: 0, keysAt: [] };
const SETTINGS_BEFORE_STREAMS = {
  stream: false,
  voiceModel: false,
  sensitivity: 'medium',
  silenceTimeoutMs: 800,
  tts: null,
} as const;
