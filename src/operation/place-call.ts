// PlaceCall: phone somebody. `initiate` needs a message, `start` needs a number; both do the same.
import * as z from 'zod';
import { isE164 } from '../call/admission.ts';
import type { Mode } from '../call/call.ts';
import { isEmergencyNumber } from '../call/emergency.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { canonicalLanguage } from '../lib/language.ts';
import type { Phone } from '../runtime/phone.ts';
import { keysFrom } from './dtmf.ts';
import type { Verb, VerbContext } from './verb.ts';

export interface Placed {
  readonly callId: string;
  readonly initiated: true;
}

const to = z.string().describe('Number to call, E.164, e.g. +15550001234');
const message = z.string().describe('What is said first');
const rest = {
  mode: z
    .enum(['notify', 'conversation'])
    .optional()
    .describe(
      'notify says the message and hangs up; conversation takes turns; outbound.defaultMode when left out',
    ),
  dtmfSequence: z
    .string()
    .optional()
    .describe(
      'Keys pressed when somebody answers, before anything is said, e.g. "ww1234#"; conversations only',
    ),
  language: z
    .string()
    .optional()
    .describe('Language spoken on this call, a BCP 47 tag such as "de-DE"; the configured one when left out'),
  voice: z.string().optional().describe("The carrier's name of the voice; the configured one when left out"),
  sessionKey: z.string().optional().describe("Session in which the call's own turns are kept"),
  requesterSessionKey: z.string().optional().describe('Session that asks for the call and owns its outcome'),
};

const initiateInput = z.strictObject({ message, to: to.optional(), ...rest });
const startInput = z.strictObject({
  to,
  message: message.optional(),
  ...rest,
  agentId: z.string().optional().describe('Agent that owns the call; other plugins only'),
});

export const initiate: Verb<typeof initiateInput, Placed> = {
  name: 'initiate',
  summary: 'Call somebody and say a message.',
  scope: 'write',
  input: initiateInput,
  run: place,
};

export const start: Verb<typeof startInput, Placed> = {
  name: 'start',
  summary: 'Call a number; the message may be left out in a conversation.',
  scope: 'write',
  input: startInput,
  run: place,
};

interface PlaceInput {
  readonly to?: string | undefined;
  readonly message?: string | undefined;
  readonly mode?: Mode | undefined;
  readonly dtmfSequence?: string | undefined;
  readonly language?: string | undefined;
  readonly voice?: string | undefined;
  readonly sessionKey?: string | undefined;
  readonly requesterSessionKey?: string | undefined;
  readonly agentId?: string | undefined;
}

async function place(phone: Phone, input: PlaceInput, { by, defaults }: VerbContext): Promise<Placed> {
  const mode = modeFor(input, defaults.mode);
  const call = await phone.place({
    to: numberToCall(input.to ?? defaults.toNumber),
    message: input.message ?? null,
    mode,
    requesterSessionKey: by.sessionKey ?? input.requesterSessionKey ?? null,
    sessionKey: input.sessionKey ?? null,
    agentId: input.agentId === undefined ? by.agentId : allowedAgent(input.agentId, by.isTrusted),
    dtmfSequence: input.dtmfSequence === undefined ? null : keysBefore(input.dtmfSequence, mode),
    language: input.language === undefined ? null : languageOf(input.language),
    voice: input.voice ?? null,
  });
  return { callId: call.id, initiated: true };
}

function numberToCall(number: string | null): string {
  if (number === null) throw new VoiceCallError('VC_PARAM_REQUIRED', { names: 'to' });
  // These have no country code; whether they may be called is decided where all calls begin.
  if (!isE164(number) && !isEmergencyNumber(number))
    throw new VoiceCallError('VC_NUMBER_INVALID', { name: 'to', value: number });
  return number;
}

/** A call with nothing to say can only be a conversation. */
function modeFor(input: PlaceInput, preset: Mode): Mode {
  if (input.message !== undefined) return input.mode ?? preset;
  if (input.mode === 'notify') throw new VoiceCallError('VC_PARAM_REQUIRED', { names: 'message' });
  return 'conversation';
}

/** A notify call only speaks: who has to press keys to get through wants to hear what comes. */
function keysBefore(written: string, mode: Mode): string {
  const digits = keysFrom(written);
  if (mode !== 'conversation') throw new VoiceCallError('VC_DTMF_NEEDS_CONVERSATION');
  return digits;
}

function languageOf(tag: string): string {
  const language = canonicalLanguage(tag);
  if (language !== null) return language;
  throw new VoiceCallError('VC_PARAM_INVALID', {
    name: 'language',
    why: 'it must be a BCP 47 tag such as en-US',
  });
}

function allowedAgent(agentId: string, isTrusted: boolean): string {
  if (isTrusted && /^[a-z0-9][a-z0-9_-]{0,63}$/i.test(agentId)) return agentId;
  throw new VoiceCallError('VC_AGENT_UNTRUSTED');
}
