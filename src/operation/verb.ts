// Verb: one thing people and agents may ask of the telephone, defined once for the tool, the RPC and the CLI.
import * as z from 'zod';
import type { Mode } from '../call/call.ts';
import type { OpenedPhone, SpeechInUse } from '../handset/protocol.ts';
import { VoiceCallError } from '../lib/errors.ts';
import type { Health } from '../lib/health.ts';
import type { Phone } from '../runtime/phone.ts';
import type { Continues } from './continues.ts';

/** Who asks. The surface finds it out; parameters never say it. */
export interface Asker {
  readonly sessionKey: string | null;
  readonly agentId: string | null;
  /** May name the agent that owns a call: only other plugins inside this Gateway may. */
  readonly isTrusted: boolean;
}

/** What the configuration says about a call of which nobody said more. */
export interface PlaceDefaults {
  readonly toNumber: string | null;
  readonly mode: Mode;
  readonly transcriptTimeoutMs: number;
}

export interface TestPhoneDesk {
  open(wanted: { readonly sound: boolean }): OpenedPhone;
  /** Null: nothing here speaks, and calls are typed and read. */
  readonly speech: SpeechInUse | null;
}

/** The running telephone as the surfaces need it. */
export interface VoiceService {
  readonly phone: Phone;
  /** What of it does not work now. */
  readonly health: Pick<Health, 'troubles'>;
  /** Somebody looks at this call: its sound and words are told for a while. */
  watch(callId: string): void;
  readonly defaults: PlaceDefaults;
  readonly continues: Continues;
  /** Lets test phones connect; null beside a real carrier. */
  readonly testPhones: TestPhoneDesk | null;
}

/** Hands out the running telephone, or throws the VoiceCallError that says why there is none. */
export type OpenService = () => VoiceService | Promise<VoiceService>;

export interface VerbContext extends Omit<VoiceService, 'phone'> {
  readonly by: Asker;
}

export interface Verb<Schema extends z.ZodObject = z.ZodObject, Output = unknown> {
  /** Its RPC name without `voicecall.`. */
  readonly name: string;
  readonly summary: string;
  readonly scope: 'read' | 'write';
  readonly input: Schema;
  run(phone: Phone, input: z.output<Schema>, context: VerbContext): Promise<Output>;
}

/** A verb as the surfaces call it: `raw` is checked, then it runs. */
export interface CheckedVerb extends Omit<Verb, 'run'> {
  call(service: VoiceService, raw: unknown, by: Asker): Promise<unknown>;
}

export function checked<Schema extends z.ZodObject>(verb: Verb<Schema>): CheckedVerb {
  const { name, summary, scope, input } = verb;
  return {
    name,
    summary,
    scope,
    input,
    call: async ({ phone, ...rest }, raw, by) => verb.run(phone, readInput(input, raw), { ...rest, by }),
  };
}

/** What one asks with, checked. Throws VC_PARAM_REQUIRED or VC_PARAM_INVALID. */
function readInput<Schema extends z.ZodObject>(schema: Schema, raw: unknown): z.output<Schema> {
  const given = withoutBlanks(raw);
  const required = requiredKeys(schema);
  if (required.some((key) => !Object.hasOwn(given, key))) {
    throw new VoiceCallError('VC_PARAM_REQUIRED', { names: required.join(' and ') });
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const why = 'this version does not know it';
    throw new VoiceCallError('VC_PARAM_INVALID', { name: issue.keys.join(', '), why });
  }
  const name = String(issue?.path[0] ?? 'parameters');
  throw new VoiceCallError('VC_PARAM_INVALID', { name, why: whyInvalid(issue) });
}

/** Tools send blanks for what they leave out. */
function withoutBlanks(raw: unknown): Record<string, unknown> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return {};
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => !isBlank(value)));
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

function requiredKeys(schema: z.ZodObject): readonly string[] {
  return Object.entries(schema.shape)
    .filter(([, inner]) => !z.safeParse(inner, undefined).success)
    .map(([key]) => key);
}

function whyInvalid(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_value':
      return `it must be one of ${issue.values.join(', ')}`;
    case 'invalid_type':
      return `it must be a ${issue.expected}`;
    case 'too_small':
      return `it must be at least ${issue.minimum}`;
    case 'too_big':
      return `it must be at most ${issue.maximum}`;
    default:
      return issue?.message ?? 'it was not understood';
  }
}
