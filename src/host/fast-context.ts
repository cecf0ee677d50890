// FastContext: what memory and earlier sessions know about a question, looked up before the agent is asked.
import type { RealtimeSettings } from '../config/realtime.ts';
import type { Consult } from '../conversation/voice-model.ts';
import type { Clock } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { AgentHost } from './agent-session.ts';

type Options = NonNullable<RealtimeSettings['fastContext']>;

/** Resolves to what the model is told, or to null when the agent is to be asked. May reject. */
export type FastSearch = (consult: Consult, options: Options) => Promise<string | null>;

/** The search keeps its own deadline; this is for one that does not. */
const GRACE_MS = 200;
const NOTHING = 'Nothing about that was found quickly. Say so in one short sentence, and do not guess.';

interface LookUpDeps {
  readonly search: FastSearch;
  readonly clock: Clock;
  readonly log: Log;
}

/** The same within its deadline. Rejects only when `consult.signal` aborts. */
export async function lookUp(
  { search, clock, log }: LookUpDeps,
  options: Options,
  consult: Consult,
): Promise<string | null> {
  const { signal, callId } = consult;
  const missed = options.fallbackToConsult ? null : NOTHING;
  const outcome = Promise.withResolvers<string | null>();
  const cancel = clock.at(clock.now() + options.timeoutMs + GRACE_MS, () => outcome.resolve(missed));
  const abort = (): void => outcome.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  search(consult, options).then(outcome.resolve, (error: unknown) => {
    log.debug('nothing could be looked up', { callId, why: reasonOf(error) });
    outcome.resolve(missed);
  });
  try {
    return await outcome.promise;
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}

/** The host's search, which lets nobody see what the call's session may not see. */
export function hostSearch(runtime: Pick<AgentHost, 'config'>): FastSearch {
  return async ({ agentId, sessionKey, question, context }, options) => {
    const { resolveRealtimeVoiceFastContextConsult } = await import('openclaw/plugin-sdk/realtime-voice');
    const { handled, result } = await resolveRealtimeVoiceFastContextConsult({
      cfg: runtime.config.current(),
      agentId,
      sessionKey,
      config: { ...options, enabled: true },
      args: { question, ...(context !== null && { context }) },
      // What it would log may hold the question.
      logger: {},
      labels: { audienceLabel: 'caller' },
    });
    return handled ? (result?.text ?? null) : null;
  };
}
