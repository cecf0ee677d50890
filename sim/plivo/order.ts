// order: reads the JSON of a request the way Plivo's API validates it.

export interface Target {
  readonly url: string;
  readonly method: 'GET' | 'POST';
}

export interface CallOrder {
  readonly from: string;
  /** One call is placed for each. */
  readonly to: readonly string[];
  readonly answer: Target;
  readonly ring: Target | undefined;
  readonly hangup: Target | undefined;
  readonly fallback: Target | undefined;
  readonly ringS: number;
  readonly limitS: number;
}

/** A request Plivo answers with a sentence. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

export type Body = Readonly<Record<string, unknown>>;
export type Parsed<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Refusal);

const CREATE_NAMES =
  'from to answer_url answer_method ring_url ring_method hangup_url hangup_method fallback_url fallback_method caller_name ring_timeout time_limit'.split(
    ' ',
  );
const UNSIMULATED =
  'send_digits send_on_preanswer hangup_on_ring machine_detection machine_detection_time machine_detection_url machine_detection_method machine_detection_maximum_speech_length machine_detection_initial_silence machine_detection_maximum_words machine_detection_initial_greeting machine_detection_silence sip_headers parent_call_uuid error_if_parent_not_found callback_url callback_method'.split(
    ' ',
  );
const TRANSFER_NAMES = 'legs aleg_url aleg_method'.split(' ');
const UNSIMULATED_TRANSFER = 'bleg_url bleg_method callback_url callback_method'.split(' ');

/** Names the real API would silently ignore, and those this twin does not act out. */
export function strangeNames(
  body: Body,
  action: 'create' | 'transfer',
): { unknown: string[]; unsimulated: string[] } {
  const known = action === 'create' ? CREATE_NAMES : TRANSFER_NAMES;
  const quiet = action === 'create' ? UNSIMULATED : UNSIMULATED_TRANSFER;
  const strange = Object.keys(body).filter((name) => !known.includes(name));
  return {
    unknown: strange.filter((name) => !quiet.includes(name)),
    unsimulated: strange.filter((name) => quiet.includes(name)),
  };
}

/** Thrown while reading only; leaves `read` as a value. */
class Refused extends Error {}

function read<T>(make: () => T): Parsed<T> {
  try {
    return { ok: true, value: make() };
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    return { ok: false, status: 400, error: refused.message };
  }
}

export function parseCreate(
  body: Body,
  own: { readonly numbers: readonly string[] | undefined; readonly limitS: number },
): Parsed<CallOrder> {
  return read(() => {
    const from = number(body, 'from');
    if (own.numbers && !own.numbers.map(digits).includes(from)) {
      throw new Refused(`from parameter: ${from} is not a number rented by this account`);
    }
    const answer = target(body, 'answer');
    if (!answer) throw new Refused('answer_url parameter not present');
    return {
      from,
      to: text(body, 'to')
        .split('<')
        .map((one) => checked('to', one)),
      answer,
      ring: target(body, 'ring'),
      hangup: target(body, 'hangup'),
      fallback: target(body, 'fallback'),
      ringS: integer(body, 'ring_timeout', { least: 1, most: 600 }) ?? 120,
      limitS: integer(body, 'time_limit', { least: 1, most: 86_400 }) ?? own.limitS,
    };
  });
}

export function parseTransfer(body: Body): Parsed<Target> {
  return read(() => {
    const legs = body['legs'] ?? 'aleg';
    if (legs !== 'aleg') throw new Refused(`legs parameter: "${String(legs)}" has no second leg here`);
    const to = target(body, 'aleg');
    if (!to) throw new Refused('aleg_url parameter not present');
    return to;
  });
}

/** The keys of a DTMF request. */
export function parseDigits(body: Body): Parsed<string> {
  return read(() => {
    const given = text(body, 'digits');
    if (!/^[0-9*#wW]+$/.test(given)) throw new Refused('digits parameter is not valid');
    return given;
  });
}

/** The words of a Speak request. */
export function parseSpeak(body: Body): Parsed<string> {
  return read(() => text(body, 'text'));
}

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Refused(`${name} parameter not present`);
}

function number(body: Body, name: string): string {
  return checked(name, text(body, name));
}

function checked(name: string, value: string): string {
  if (!/^\+?[1-9]\d{6,14}$/.test(value))
    throw new Refused(`${name} parameter: ${value} is not a valid number`);
  return digits(value);
}

/** A number as Plivo writes it. */
export function digits(numberText: string): string {
  return numberText.replace(/^\+/, '');
}

function integer(
  body: Body,
  name: string,
  range: { readonly least: number; readonly most: number },
): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= range.least && count <= range.most) {
    return count;
  }
  throw new Refused(`${name} parameter: ${String(value)} is not between ${range.least} and ${range.most}`);
}

function target(body: Body, name: 'answer' | 'ring' | 'hangup' | 'fallback' | 'aleg'): Target | undefined {
  const url = body[`${name}_url`];
  if (url === undefined) return undefined;
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  if (typeof url !== 'string' || !parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new Refused(`${name}_url parameter is not a valid URL`);
  }
  const method = body[`${name}_method`] ?? 'POST';
  if (method !== 'GET' && method !== 'POST')
    throw new Refused(`${name}_method parameter must be GET or POST`);
  return { url, method };
}
