// Commands: what we send to Telnyx's Call Control. Each has an id, so that a repetition is not done twice.
import type { Call, Utterance } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import { VoiceCallError } from '../../lib/errors.ts';
import type { Dial, OurAddress, WireRequest } from '../carrier.ts';
import { inPieces } from '../pieces.ts';
import { seconds } from '../wording.ts';
import { encodeState, stateFor } from './client-state.ts';
import { streaming } from './streaming.ts';
import { hearingFor, speakerFor } from './voices.ts';

/** Whose account is used, where its API is, and where Telnyx finds us. */
export interface Account {
  readonly apiKey: string;
  /** The id of the Call Control application. */
  readonly connectionId: string;
  /** Scheme and host, no slash at the end. */
  readonly apiBase: string;
  readonly address: OurAddress;
}

/** A command beside its wire form: what stands behind the call's own address, and the JSON that goes along. */
interface Command {
  readonly method: 'POST' | 'PUT';
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How long Telnyx lets a phone ring, and a call last, in s. */
const RING_S = { least: 5, most: 600 };
const LIMIT_S = { least: 30, most: 14_400 };
/** The longest text one command may say. */
const MAX_PAYLOAD = 3_000;

// ---- placing a call ------------------------------------------------------------------------------------------

/** Telnyx cuts every call after four hours; we could not keep a longer promise. */
export function unsupported({ settings }: Call): string | null {
  const askedS = seconds(settings.maxDurationMs);
  return askedS > LIMIT_S.most
    ? `calls of ${askedS} s (maxDurationSeconds); it ends every call after ${LIMIT_S.most} s`
    : null;
}

/** Telnyx is told what to say once it reports the answer, so nothing but the call itself goes along. */
export function dial(account: Account, call: Call): Dial {
  const body = {
    connection_id: account.connectionId,
    to: call.to,
    from: call.from,
    timeout_secs: within(RING_S, seconds(call.settings.ringTimeoutMs)),
    time_limit_secs: within(LIMIT_S, seconds(call.settings.maxDurationMs)),
    ...ourAddress(account),
    ...named(call, { kind: 'wait' }, 'dial'),
  };
  return { request: post(account, `${account.apiBase}/v2/calls`, body), told: 'wait' };
}

// ---- a call in progress --------------------------------------------------------------------------------------

/** The commands of one instruction, in order; none when the call has no id yet or there is nothing to tell. */
export function asRequests(account: Account, call: Call, instruction: Instruction): readonly WireRequest[] {
  if (call.carrierCallId === null) return [];
  const actions = `${callUrl(account, call)}/actions`;
  return commandsFor(account, call, instruction).map(({ method, action, body }) =>
    send(account, { method, url: `${actions}/${action}`, body }),
  );
}

function commandsFor(account: Account, call: Call, instruction: Instruction): readonly Command[] {
  switch (instruction.kind) {
    case 'wait':
      return [];
    case 'answer':
      return [command('answer', { ...named(call, instruction, 'answer'), ...ourAddress(account) })];
    case 'reject':
      return [command('reject', { ...named(call, instruction, 'reject'), cause: 'CALL_REJECTED' })];
    case 'hangup':
      // Repeating it means that the last one did nothing: that must not be taken for the same one.
      return [command('hangup', named(call, instruction, 'hangup', call.line.attempts))];
    case 'say': {
      const { utterance, turn } = instruction;
      const uttering = utterance.digits === null ? speak(call, instruction) : press(call, utterance, turn);
      const saying = [...unstream(call, instruction), ...uttering];
      // Said first, so that no round trip delays the words; the caller cannot answer them any sooner.
      return turn === null ? saying : [...saying, listen(call, instruction, turn)];
    }
    case 'listen': {
      const { client_state } = named(call, instruction, 'listen');
      // A line that listens already refuses to begin, and then would not take the new turn from that command.
      const update: Command = { method: 'PUT', action: 'client_state_update', body: { client_state } };
      return [...unstream(call, instruction), update, listen(call, instruction, instruction.turn)];
    }
    case 'stream': {
      const start = streaming(account.address.streamUrl, call, instruction);
      const begin = command('streaming_start', {
        ...start,
        ...named(call, instruction, 'stream', instruction.n),
      });
      // A call has one stream at a time, and that the last one broke is perhaps known to us alone.
      return instruction.n === 1 ? [begin] : [stop(call, instruction, instruction.n - 1), begin];
    }
  }
}

/** What a call is told that had streams and has none now: Telnyx may refuse to speak and listen beside one. */
function unstream(call: Call, instruction: Instruction): readonly Command[] {
  return call.stream === null && call.streams > 0 ? [stop(call, instruction, call.streams)] : [];
}

/** When stream `n` has stopped already, Telnyx says so and goes on. */
function stop(call: Call, instruction: Instruction, n: number): Command {
  return command('streaming_stop', named(call, instruction, 'unstream', n));
}

type Say = Extract<Instruction, { kind: 'say' }>;

function speak(call: Call, { utterance, turn }: Say): readonly Command[] {
  const parts = inPieces(utterance.text, MAX_PAYLOAD);
  const isWhole = parts.length === 1;
  // The end of each part is reported with the latest state, so the first to end would pass for the last. What is
  // said in parts is therefore not named: our own deadline ends it.
  const state = { callId: call.id, turn, utteranceId: isWhole ? utterance.id : null, stream: null };
  return parts.map((payload, index) =>
    command('speak', {
      payload,
      ...speakerFor(call.settings),
      ...(index === 0 && hasSpoken(call, utterance) ? { stop: 'all' } : {}),
      client_state: encodeState(state),
      command_id: commandId(call, 'say', utterance.id, ...(isWhole ? [] : [index + 1])),
    }),
  );
}

/** True when words of ours may still be on the line: new ones take their place, they do not queue up behind. */
function hasSpoken({ transcript }: Call, utterance: Utterance): boolean {
  return transcript.some((entry) => entry.speaker === 'agent' && entry.utteranceId !== utterance.id);
}

function press(call: Call, utterance: Utterance, turn: number | null): readonly Command[] {
  const body = named(call, { kind: 'say', utterance, turn }, 'say', utterance.id);
  return [command('send_dtmf', { digits: utterance.digits, ...body })];
}

/**
 * Final words of the other side only. Sent for every turn: a line that listens already says so and goes on, and one
 * that lost its hearing gets it back.
 */
function listen(call: Call, instruction: Instruction, turn: number): Command {
  const { transcription_engine, language } = hearingFor(call.settings);
  return command('transcription_start', {
    transcription_engine,
    transcription_engine_config: { transcription_engine, language, interim_results: false },
    transcription_tracks: 'inbound',
    ...named(call, instruction, 'listen', turn),
  });
}

export function statusRequest(account: Account, call: Call): WireRequest {
  return { method: 'GET', url: callUrl(account, call), headers: headers(account), body: null };
}

// ---- the wire ------------------------------------------------------------------------------------------------

function command(action: string, body: Command['body']): Command {
  return { method: 'POST', action, body };
}

/** What makes later webhooks ours, and a repetition of this command harmless. */
function named(
  call: Call,
  instruction: Instruction,
  ...name: readonly (string | number)[]
): {
  readonly client_state: string;
  readonly command_id: string;
} {
  const client_state = encodeState(stateFor(call.id, instruction));
  return { client_state, command_id: commandId(call, ...name) };
}

/** `say` and `u1` of call `c` are `say-c-u1`. */
function commandId({ id }: Call, ...[what, ...which]: readonly (string | number)[]): string {
  return [what, id, ...which].join('-');
}

function ourAddress({ address }: Account): Readonly<Record<string, string>> {
  return { webhook_url: address.webhookUrl, webhook_url_method: 'POST' };
}

function callUrl({ apiBase }: Account, { id, carrierCallId }: Call): string {
  if (carrierCallId === null) {
    throw new VoiceCallError('VC_INTERNAL', { why: `call ${id} has no id at Telnyx yet` });
  }
  return `${apiBase}/v2/calls/${encodeURIComponent(carrierCallId)}`;
}

function post(account: Account, url: string, body: Command['body']): WireRequest {
  return send(account, { method: 'POST', url, body });
}

function send(
  account: Account,
  { method, url, body }: Pick<Command, 'method' | 'body'> & { readonly url: string },
): WireRequest {
  const type = { 'content-type': 'application/json' };
  return { method, url, headers: { ...headers(account), ...type }, body: JSON.stringify(body) };
}

export function headers({ apiKey }: Pick<Account, 'apiKey'>): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${apiKey}`, accept: 'application/json' };
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): number {
  return Math.min(most, Math.max(least, value));
}
