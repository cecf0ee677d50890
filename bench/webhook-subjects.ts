// WebhookSubjects: three phone companies in the webhook bench: what each sends in a call, when, signed as it signs.
import { createHmac, sign as ed25519, generateKeyPairSync } from 'node:crypto';
import type { CarrierSettings } from '../src/config/settings.ts';
import type { WebhookApi } from './webhook-api.ts';
import { ORIGIN, PUBLIC_URL } from './webhook-origin.ts';

const TOKEN = 'throw-away-token';

/** A webhook as the carrier posts it. */
export interface Letter {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Subject {
  readonly settings: CarrierSettings;
  /** A caller offers call number `call` to us. */
  readonly offer: (call: number) => Letter;
  /** What we are sent, in order, when the caller has heard us and speaks; `answer` is what we said to the last. */
  readonly words: (call: number, turn: number, answer: string) => readonly Letter[];
  readonly over: (call: number) => Letter;
  /**
   * Resolves when the line of `call` was told by request what follows on turn `turn` (0: the offer); asked before
   * the webhook is sent. Twilio and Plivo read it in our answer instead: nothing to wait for.
   */
  readonly told: (call: number, turn: number) => Promise<void>;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const hex = (n: number): string => n.toString(16).padStart(32, '0');
type Fields = Readonly<Record<string, string>>;

/** Where the document we answered with sends the caller's words. */
function actionIn(document: string): string {
  const found = /action="([^"]+)"/.exec(document)?.[1];
  if (found === undefined) throw new Error(`no action in ${document}`);
  return found.replaceAll('&amp;', '&');
}

const sorted = (fields: Fields): string =>
  Object.entries(fields)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.join(''))
    .join('');

const inTheAnswer = async (): Promise<void> => undefined;

export function twilio({ base: apiBaseUrl }: WebhookApi): Subject {
  const accountSid = `AC${hex(1)}`;
  const letter = (call: number, url: string, more: Fields): Letter => {
    const fields = {
      AccountSid: accountSid,
      CallSid: `CA${hex(call)}`,
      Direction: 'inbound',
      From: '+15550001234',
      To: '+15550005678',
      ...more,
    };
    const signature = createHmac('sha1', TOKEN)
      .update(url + sorted(fields))
      .digest('base64');
    const headers = { ...FORM, 'x-twilio-signature': signature };
    return { path: url.slice(ORIGIN.length), headers, body: `${new URLSearchParams(fields)}` };
  };
  return {
    settings: { name: 'twilio', accountSid, authToken: TOKEN, region: 'us1', apiBaseUrl },
    offer: (call) => letter(call, PUBLIC_URL, { CallStatus: 'ringing' }),
    words: (call, turn, answer) => [
      letter(call, actionIn(answer), {
        CallStatus: 'in-progress',
        SpeechResult: `Question ${turn}`,
        Confidence: '0.9',
      }),
    ],
    over: (call) => letter(call, PUBLIC_URL, { CallStatus: 'completed' }),
    told: inTheAnswer,
  };
}

export function plivo({ base: apiBaseUrl }: WebhookApi): Subject {
  let nonce = 0;
  const letter = (call: number, url: string, more: Fields): Letter => {
    const id = hex(call).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const fields = { CallUUID: id, Direction: 'inbound', From: '15550001234', To: '15550005678', ...more };
    const [page = '', query = ''] = url.split('?');
    const asked = query.split('&').sort().join('&');
    const signed = `${page}?${asked === '' ? '' : `${asked}.`}${sorted(fields)}.${++nonce}`;
    const signature = createHmac('sha256', TOKEN).update(signed).digest('base64');
    const headers = { ...FORM, 'x-plivo-signature-v3': signature, 'x-plivo-signature-v3-nonce': `${nonce}` };
    return { path: url.slice(ORIGIN.length), headers, body: `${new URLSearchParams(fields)}` };
  };
  return {
    settings: { name: 'plivo', authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: TOKEN, apiBaseUrl },
    offer: (call) => letter(call, PUBLIC_URL, { CallStatus: 'ringing', Event: 'StartApp' }),
    words: (call, turn, answer) => [
      letter(call, actionIn(answer), {
        CallStatus: 'in-progress',
        InputType: 'speech',
        Speech: `Question ${turn}`,
      }),
    ],
    over: (call) => letter(call, PUBLIC_URL, { CallStatus: 'completed', Event: 'Hangup' }),
    told: inTheAnswer,
  };
}

/**
 * A caller who can only speak about what was said: our commands must have come before the next words do. Without
 * that no command is ever agreed to before it is out of date, and the steps that follow from it are never taken.
 */
export function telnyx(api: WebhookApi): Subject {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const idOf = (call: number): string => `v3:${hex(call)}`;
  /** The latest state a command carried; every event of the call repeats it. */
  const states = new Map<number, unknown>();
  let id = 0;
  const letter = (call: number, type: string, more: Readonly<Record<string, unknown>>): Letter => {
    const payload = {
      call_control_id: idOf(call),
      connection_id: '1',
      direction: 'incoming',
      from: '+15550001234',
      to: '+15550005678',
      client_state: states.get(call) ?? null,
      ...more,
    };
    const occurred = new Date().toISOString();
    const data = { record_type: 'event', event_type: type, id: hex(++id), occurred_at: occurred, payload };
    const body = JSON.stringify({ data, meta: { attempt: 1 } });
    const stamp = `${Math.floor(Date.now() / 1_000)}`;
    const signature = ed25519(null, Buffer.from(`${stamp}|${body}`), privateKey).toString('base64');
    const headers = {
      'content-type': 'application/json',
      'telnyx-signature-ed25519': signature,
      'telnyx-timestamp': stamp,
    };
    return { path: new URL(PUBLIC_URL).pathname, headers, body };
  };
  return {
    settings: { name: 'telnyx', apiKey: 'KEY', connectionId: '1', publicKey: raw, apiBaseUrl: api.base },
    offer: (call) => letter(call, 'call.initiated', { state: 'parked' }),
    words: (call, turn) =>
      turn === 1
        ? [letter(call, 'call.answered', {})]
        : [
            letter(call, 'call.speak.ended', { status: 'completed' }),
            letter(call, 'call.transcription', {
              transcription_data: { transcript: `Question ${turn}`, is_final: true, confidence: 0.9 },
            }),
          ],
    over: (call) => letter(call, 'call.hangup', { hangup_cause: 'normal_clearing', hangup_source: 'caller' }),
    told: async (call, turn) => {
      const last = turn === 0 ? 'answer' : 'transcription_start';
      const command = await api.next(`/v2/calls/${encodeURIComponent(idOf(call))}/actions/${last}`);
      states.set(call, command['client_state']);
    },
  };
}
