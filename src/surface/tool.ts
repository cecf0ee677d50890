// Tool: the verbs as the agent tool voice_call. Errors are answers here, so that the agent can react to them.
import * as z from 'zod';
import { asVoiceCallError, VoiceCallError } from '../lib/errors.ts';
import { verbs } from '../operation/index.ts';
import type { Asker, CheckedVerb, OpenService } from '../operation/verb.ts';

export interface ToolResult {
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
  readonly details: unknown;
}

export interface VoiceCallTool {
  readonly name: 'voice_call';
  readonly label: string;
  readonly description: string;
  /** A JSON Schema. */
  readonly parameters: Record<string, unknown>;
  /** Shown to the agent directly: behind the tool search a call would cost it several more turns. */
  readonly catalogMode: 'direct-only';
  execute(toolCallId: string, params: unknown): Promise<ToolResult>;
}

/** Each action: its verb, the parameters it passes on, and which of them the agent must give. */
export const toolActions = {
  initiate_call: {
    verb: verbs.initiate,
    takes: ['message', 'to', 'mode', 'dtmfSequence', 'language', 'voice'],
    needs: ['message'],
  },
  continue_call: { verb: verbs.continueCall, takes: ['callId', 'message'], needs: ['callId', 'message'] },
  speak_to_user: { verb: verbs.speak, takes: ['callId', 'message'], needs: ['callId', 'message'] },
  send_dtmf: { verb: verbs.dtmf, takes: ['callId', 'digits'], needs: ['callId', 'digits'] },
  end_call: { verb: verbs.endCall, takes: ['callId'], needs: ['callId'] },
  get_status: { verb: verbs.status, takes: ['callId'], needs: ['callId'] },
  list_pairings: { verb: verbs.pairingList, takes: [], needs: [] },
  approve_pairing: { verb: verbs.pairingApprove, takes: ['code'], needs: ['code'] },
} as const satisfies Record<string, Action>;

interface Action {
  readonly verb: CheckedVerb;
  readonly takes: readonly string[];
  readonly needs: readonly string[];
}

const parameters = z.object({
  action: z
    .enum(Object.keys(toolActions) as [keyof typeof toolActions])
    .optional()
    .describe('What to do. Always give it.'),
  callId: z
    .string()
    .optional()
    .describe(
      'The call, from initiate_call. Needed by continue_call, speak_to_user, send_dtmf, end_call, get_status.',
    ),
  message: z
    .string()
    .optional()
    .describe(
      'What is said, as it should be heard: no markup, no links. For initiate_call, continue_call, speak_to_user.',
    ),
  to: z
    .string()
    .optional()
    .describe(
      'initiate_call: number to call, E.164, e.g. +15550001234. Leave out for the configured number.',
    ),
  mode: z
    .enum(['notify', 'conversation'])
    .optional()
    .describe(
      'initiate_call: notify says the message and hangs up; conversation stays on the line. Leave out for the configured one.',
    ),
  digits: z
    .string()
    .optional()
    .describe('send_dtmf: keys to press, e.g. "1" or "1234#"; "," waits a second, "w" half a second.'),
  dtmfSequence: z
    .string()
    .optional()
    .describe('initiate_call, conversation: keys pressed when somebody answers, before anything is said.'),
  language: z
    .string()
    .optional()
    .describe('initiate_call: language to speak, e.g. "de-DE". Leave out for the configured one.'),
  voice: z
    .string()
    .optional()
    .describe("initiate_call: the phone company's name of a voice. Leave out for the configured one."),
  code: z.string().optional().describe('approve_pairing: the code an unknown caller was told.'),
});

const DESCRIPTION =
  'Make and hold phone calls. initiate_call phones somebody; continue_call says something and waits for the ' +
  'answer; speak_to_user says something without waiting; send_dtmf presses keys; end_call hangs up; get_status ' +
  'tells how a call goes; list_pairings shows unknown callers who wait with a code, approve_pairing lets one call.';

/** The tool of one agent session. `by` comes from the host's own context: arguments cannot change who asks. */
export function voiceCallTool(open: OpenService, by: Omit<Asker, 'isTrusted'>): VoiceCallTool {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(parameters, { target: 'draft-7', io: 'input' });
  return {
    name: 'voice_call',
    label: 'Voice call',
    description: DESCRIPTION,
    parameters: withLegacyForm(schema),
    catalogMode: 'direct-only',
    execute: async (_toolCallId, params) => {
      const details = await outcome(open, asObject(params), { ...by, isTrusted: false });
      return { content: [{ type: 'text', text: JSON.stringify(details, null, 2) }], details };
    },
  };
}

/** The host checks arguments against the schema first: the old form without `action` must pass it. */
function withLegacyForm(schema: Record<string, unknown>): Record<string, unknown> {
  const properties = schema['properties'] as Record<string, Record<string, unknown>>;
  const { enum: _modes, ...mode } = properties['mode'] ?? {};
  return { ...schema, properties: { ...properties, mode }, additionalProperties: true };
}

type Params = Readonly<Record<string, unknown>>;

async function outcome(open: OpenService, params: Params, by: Asker): Promise<unknown> {
  try {
    const service = await open();
    const { verb, input } = request(params, service.defaults.toNumber);
    return await verb.call(service, input, by);
  } catch (error) {
    const { message, cure } = asVoiceCallError(error);
    return { error: message, cure };
  }
}

interface Request {
  readonly verb: CheckedVerb;
  readonly input: Params;
}

function request(params: Params, toNumber: string | null): Request {
  const name = params['action'];
  if (name === undefined) return legacyRequest(params, toNumber);
  const action: Action | undefined =
    typeof name === 'string' && Object.hasOwn(toolActions, name)
      ? toolActions[name as keyof typeof toolActions]
      : undefined;
  if (!action) {
    const why = `it must be one of ${Object.keys(toolActions).join(', ')}`;
    throw new VoiceCallError('VC_PARAM_INVALID', { name: 'action', why });
  }
  requireAll(params, action.needs);
  return { verb: action.verb, input: pick(params, action.takes) };
}

/** `{mode: "call" | "status", to?, sid?, message?}`: the form of the first releases. */
function legacyRequest(params: Params, toNumber: string | null): Request {
  const { mode } = params;
  if (mode === 'status') {
    if (!isGiven(params['sid'])) throw required('sid', 'status');
    return { verb: verbs.status, input: { sid: params['sid'] } };
  }
  const to = isGiven(params['to']) ? params['to'] : toNumber;
  if (to === null) throw required('to', 'call');
  const takes = mode === 'call' ? ['message', 'dtmfSequence'] : ['message', 'mode', 'dtmfSequence'];
  return { verb: verbs.start, input: { to, ...pick(params, takes) } };
}

/** Words as documented: "sid required for status". */
function required(name: string, purpose: string): VoiceCallError {
  return new VoiceCallError('VC_PARAM_REQUIRED_FOR', { name, purpose });
}

function requireAll(params: Params, names: readonly string[]): void {
  if (names.every((name) => isGiven(params[name]))) return;
  throw new VoiceCallError('VC_PARAM_REQUIRED', { names: names.join(' and ') });
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
}

function pick(params: Params, names: readonly string[]): Params {
  return Object.fromEntries(names.map((name) => [name, params[name]]));
}

function asObject(value: unknown): Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : {};
}
