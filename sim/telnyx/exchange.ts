// Exchange: places and takes calls: dials people, lets them pick up or not, and carries out commands.
import { streamFault } from '../media/telnyx-stream.ts';
import { pause } from '../pause.ts';
import { isoTime, TwinCall, type World } from './call.ts';
import type { Fields } from './ledger.ts';
import { Line } from './line.ts';
import type { Person } from './person.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface DialIn {
  readonly from: string;
  readonly to: string;
  readonly person: Person;
  /** Default: the application's own address. */
  readonly webhookUrl?: string;
  readonly failoverUrl?: string;
}

interface Connection {
  readonly call: TwinCall;
  readonly line: Line;
}

/** `repeated`: its command id was seen before, so nothing was done. */
export type Outcome = Refusal | 'done' | 'repeated';

/** How long Telnyx tells how an ended call was. */
const REMEMBERED_MS = 600_000;
const DEFAULT_RING_S = 30;
const DEFAULT_LIMIT_S = 14_400;

export class Exchange {
  readonly #world: World;
  readonly #whoAnswers: (number: string) => Person;
  readonly #connections = new Map<string, Connection>();
  /** When each command id was first seen, and the call it was for. */
  readonly #commandIds = new Map<string, { readonly at: number; readonly call: TwinCall }>();

  constructor(world: World, whoAnswers: (number: string) => Person) {
    this.#world = world;
    this.#whoAnswers = whoAnswers;
  }

  get calls(): readonly TwinCall[] {
    return [...this.#connections.values()].map(({ call }) => call);
  }

  call(id: string): TwinCall | undefined {
    return this.#connections.get(id)?.call;
  }

  /** A call whose state is still told; an ended one is forgotten after ten minutes. */
  remembered(id: string): TwinCall | undefined {
    const call = this.call(id);
    const endedAt = call?.end?.at ?? Number.POSITIVE_INFINITY;
    return this.#world.clock.now() - endedAt > REMEMBERED_MS ? undefined : call;
  }

  /** Dials; the same command id within a minute finds the same call. */
  place(order: Fields): Refusal | { readonly call: TwinCall; readonly isRepeated: boolean } {
    const { settings } = this.#world;
    const before = this.#seen('dial', order['command_id']);
    if (before) return { call: before, isRepeated: true };
    const refusal = this.#whyNot(order);
    if (refusal) return refusal;
    const person = this.#whoAnswers(String(order['to']));
    const connection = this.#connect(
      new TwinCall(this.#world, {
        direction: 'outgoing',
        from: String(order['from']),
        to: String(order['to']),
        webhookUrl: textOf(order['webhook_url']) ?? settings.webhookUrl,
        failoverUrl: settings.failoverUrl,
        clientState: textOf(order['client_state']),
      }),
      person,
    );
    this.#note('dial', order['command_id'], connection.call);
    this.#own(connection, this.#dial(connection, order, person));
    return { call: connection.call, isRepeated: false };
  }

  dialIn({ from, to, person, webhookUrl, failoverUrl }: DialIn): TwinCall {
    const { settings } = this.#world;
    const connection = this.#connect(
      new TwinCall(this.#world, {
        direction: 'incoming',
        from,
        to,
        webhookUrl: webhookUrl ?? settings.webhookUrl,
        failoverUrl: failoverUrl ?? settings.failoverUrl,
        clientState: undefined,
      }),
      person,
    );
    const { call } = connection;
    call.become('initiated');
    call.become('ringing');
    call.report('call.initiated', { ...parties(call), direction: 'incoming', state: 'parked' });
    this.#own(connection, this.#giveUp(call, person.givesUpMs));
    return call;
  }

  /** Carries out a command whose fields were found valid. */
  command(call: TwinCall, action: string, body: Fields): Outcome {
    const connection = this.#connections.get(call.id);
    if (!connection || !call.isAlive)
      return refuse('90018', 'This call is no longer active and can not receive commands.');
    if (this.#seen(call.id, body['command_id'])) return 'repeated';
    const refusal = this.#do(connection, action, body);
    if (refusal) return refusal;
    this.#note(call.id, body['command_id'], call);
    return 'done';
  }

  close(): void {
    for (const { call } of this.#connections.values()) call.abandon();
  }

  #do(connection: Connection, action: string, body: Fields): Refusal | undefined {
    const { call } = connection;
    const state = textOf(body['client_state']) ?? call.clientState;
    const refusal = STANDING[action]?.(call);
    if (refusal) return refusal;
    // A refused transcription_start leaves the state alone; so it is set only once the command is accepted.
    const before = call.clientState;
    call.clientState = state;
    const late = this.#act(connection, action, body);
    if (late) call.clientState = before;
    return late;
  }

  #act({ call, line }: Connection, action: string, body: Fields): Refusal | undefined {
    switch (action) {
      case 'answer':
        return this.#answer({ call, line }, body);
      case 'reject': {
        const isBusy = body['cause'] === 'USER_BUSY';
        const cause = isBusy ? 'user_busy' : 'call_rejected';
        call.finish({ cause, by: 'plugin', sip: isBusy ? '486' : '603', why: 'reject' });
        return undefined;
      }
      case 'hangup':
        call.hangUp('plugin', 'hangup');
        return undefined;
      case 'streaming_start':
        return this.#stream({ call, line }, body);
      case 'streaming_stop':
        return line.stopStream(textOf(body['stream_id']))
          ? undefined
          : refuse('90048', 'The call is not being streamed.');
      case 'transcription_start':
        return line.listen(hearingOf(body)) ? undefined : refuse('90054', 'The call is being transcribed.');
      default:
        speaking[action]?.(line, body);
        return undefined;
    }
  }

  #answer(connection: Connection, body: Fields): Refusal | undefined {
    const { call } = connection;
    const refusal = this.#streamFault(call, body);
    if (refusal) return refusal;
    call.webhookUrl = textOf(body['webhook_url']) ?? call.webhookUrl;
    this.#answered(connection, DEFAULT_LIMIT_S, body);
    return undefined;
  }

  #stream({ call, line }: Connection, body: Fields): Refusal | undefined {
    const refusal = this.#streamFault(call, body);
    if (!refusal) line.stream(body);
    return refusal;
  }

  #streamFault(call: TwinCall, body: Fields): Refusal | undefined {
    return body['stream_url'] === undefined ? undefined : streamFault({ world: this.#world, call }, body);
  }

  #whyNot(order: Fields): Refusal | undefined {
    const { connectionId, fromNumbers, channels } = this.#world.settings;
    if (order['connection_id'] !== connectionId) {
      return refuse('10015', 'Invalid value for connection_id (Call Control App ID).', '/connection_id');
    }
    if (fromNumbers && !fromNumbers.includes(String(order['from']))) {
      return refuse('10015', 'The from number is not one of this account.', '/from');
    }
    const busy = this.calls.filter((call) => call.direction === 'outgoing' && call.isAlive);
    return busy.length >= channels ? refuse('90041', 'User channel limit exceeded D1') : undefined;
  }

  #seen(scope: string, commandId: unknown): TwinCall | undefined {
    const seen = this.#commandIds.get(`${scope} ${String(commandId)}`);
    const isRecent = seen && this.#world.clock.now() - seen.at < this.#world.settings.commandIdMs;
    return isRecent ? seen.call : undefined;
  }

  #note(scope: string, commandId: unknown, call: TwinCall): void {
    if (commandId === undefined) return;
    this.#commandIds.set(`${scope} ${String(commandId)}`, { at: this.#world.clock.now(), call });
  }

  #connect(call: TwinCall, person: Person): Connection {
    person.calls.push(call);
    const connection = { call, line: new Line(this.#world, call, person) };
    this.#connections.set(call.id, connection);
    return connection;
  }

  /** A story of the call that its end cuts short. */
  #own({ call }: Connection, story: Promise<void>): void {
    story.catch((error: unknown) => {
      if (!call.ended.aborted) this.#world.ledger.problem('unexpected', String(error), call.id);
    });
  }

  async #dial(connection: Connection, order: Fields, person: Person): Promise<void> {
    const { clock, settings } = this.#world;
    const { call } = connection;
    const { pickup } = person;
    await pause(clock, settings.dialDelayMs, call.ended);
    call.become('initiated');
    call.report('call.initiated', { ...parties(call), direction: 'outgoing', state: 'bridging' });
    await pause(clock, settings.ringDelayMs, call.ended);
    if (pickup.does === 'busy')
      return call.finish({ cause: 'user_busy', by: 'person', sip: '486', why: 'busy' });
    if (pickup.does === 'fails') {
      return call.finish({ cause: 'not_found', by: 'carrier', sip: '404', why: 'no such number' });
    }
    call.become('ringing');
    const ringMs = numberOf(order['timeout_secs'], DEFAULT_RING_S) * 1000;
    const answersMs = pickup.does === 'answers' ? pickup.afterMs : Number.POSITIVE_INFINITY;
    await pause(clock, Math.min(answersMs, ringMs), call.ended);
    if (answersMs > ringMs)
      return call.finish({ cause: 'timeout', by: 'carrier', sip: '487', why: 'nobody answered' });
    if (person.isRejecting)
      return call.finish({ cause: 'call_rejected', by: 'person', sip: '603', why: 'declined' });
    this.#answered(connection, numberOf(order['time_limit_secs'], DEFAULT_LIMIT_S), order);
  }

  #answered(connection: Connection, limitS: number, order: Fields): void {
    const { call, line } = connection;
    call.become('answered');
    call.report('call.answered', { ...parties(call), state: 'answered' });
    line.connected();
    if (order['stream_url'] !== undefined) line.stream(order);
    this.#own(connection, this.#limit(call, limitS));
  }

  async #limit(call: TwinCall, limitS: number): Promise<void> {
    await pause(this.#world.clock, limitS * 1000, call.ended);
    call.finish({ cause: 'time_limit', by: 'carrier', sip: '200', why: `time limit of ${limitS} s` });
  }

  async #giveUp(call: TwinCall, afterMs: number): Promise<void> {
    await pause(this.#world.clock, afterMs, call.ended);
    if (!call.isAnswered) call.hangUp('person', 'the caller gave up');
  }
}

type Standing = (call: TwinCall) => Refusal | undefined;

const answeredOnly: Standing = (call) =>
  call.isAnswered
    ? undefined
    : refuse('90034', 'This command can only be issued after the call was answered.');
const offeredOnly: Standing = (call) =>
  call.isAnswered || call.direction === 'outgoing'
    ? refuse('10015', 'The call is not waiting for an answer.')
    : undefined;

/** In which state of the call a command is taken. */
const STANDING: Readonly<Record<string, Standing>> = {
  answer: (call) =>
    call.direction === 'outgoing' ? refuse('90102', 'This call was not offered to you.') : offeredOnly(call),
  reject: offeredOnly,
  speak: answeredOnly,
  playback_stop: answeredOnly,
  send_dtmf: answeredOnly,
  transcription_start: answeredOnly,
  transcription_stop: answeredOnly,
  streaming_start: answeredOnly,
  streaming_stop: answeredOnly,
};

/** Commands the line always takes. */
const speaking: Readonly<Record<string, (line: Line, body: Fields) => void>> = {
  speak: (line, body) =>
    line.say(String(body['payload']), { loops: numberOf(body['loop'], 1), stop: stopOf(body['stop']) }),
  send_dtmf: (line, body) => line.press(String(body['digits'])),
  playback_stop: (line, body) => line.stopSpeaking(stopOf(body['stop']) ?? 'all'),
  transcription_stop: (line) => line.stopListening(),
};

function hearingOf(body: Fields): Parameters<Line['listen']>[0] {
  const config = (body['transcription_engine_config'] ?? {}) as Fields;
  return {
    engine: textOf(body['transcription_engine']) ?? 'Google',
    language: textOf(config['language']),
    interim: config['interim_results'] === true,
  };
}

function parties(call: TwinCall): Fields {
  return { from: call.from, to: call.to, start_time: isoTime(call.createdAt) };
}

function stopOf(value: unknown): 'current' | 'all' | undefined {
  return value === 'current' || value === 'all' ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
