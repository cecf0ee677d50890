// Ownerless: somebody calls a number whose agent does not exist: they must hear so, and the owner must learn of it.
import type { CallSettings } from '../call/call.ts';
import { asVoiceCallError } from '../lib/errors.ts';
import type { CallPlan } from './deps.ts';

/** How such a call stands on record: with the cure, without the number. */
export const OWNERLESS =
  'no agent owns this call; correct agentId in plugins.entries.voice-call.config, or under "numbers" there';

/** Names the agent that owns a call, from the one that is configured; throws VC_AGENT_UNKNOWN when nobody does. */
type OwnerOf = (configured: string | null) => string;
type AnyCall = Parameters<CallPlan['settingsFor']>[0];

/** Thrown for a call that comes in and belongs to nobody. */
class Ownerless extends Error {
  /** What the call is frozen with all the same; no agent will ever hear of it. */
  readonly settings: CallSettings;

  constructor(settings: CallSettings, options: ErrorOptions) {
    super(OWNERLESS, options);
    this.settings = settings;
  }
}

/** Settings as `make` makes them: where nobody owns a call that comes in, they are in what is thrown. */
export function ownedBy(
  ownerOf: OwnerOf,
  make: (call: AnyCall, ownerOf: OwnerOf) => CallSettings,
): CallPlan['settingsFor'] {
  return (call) => {
    try {
      return make(call, ownerOf);
    } catch (error) {
      const isOwnerless = asVoiceCallError(error).code === 'VC_AGENT_UNKNOWN';
      if (!isOwnerless || call.direction === 'outbound') throw error;
      // The name stays as it is configured: the record shows which one is wrong.
      throw new Ownerless(
        make(call, (configured) => configured ?? ''),
        { cause: error },
      );
    }
  };
}

/** The settings of a call that comes in, and whether an agent owns it. */
export function inboundSettings(
  plan: CallPlan,
  call: { readonly callId: string; readonly from: string; readonly to: string },
): { readonly settings: CallSettings; readonly isOwned: boolean } {
  try {
    const settings = plan.settingsFor({ ...call, direction: 'inbound', request: null });
    return { settings, isOwned: true };
  } catch (error) {
    if (!(error instanceof Ownerless)) throw error;
    return { settings: error.settings, isOwned: false };
  }
}
