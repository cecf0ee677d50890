// WebhookMeaning: nothing a carrier may say is misread, and nothing it says brings a call into no state.
import type { CarrierEvent } from '../../../src/call/event.ts';
import { transition } from '../../../src/call/transition.ts';
import type { Report, WebhookRequest } from '../../../src/carrier/carrier.ts';
import type { Random } from '../../random.ts';
import { anyJson, anyText, mutated } from '../mutate.ts';
import { forbid, type Input, type Outcome, type Subject, type Target } from '../target.ts';
import { NOW, SIGNED, type Signed } from './genuine.ts';
import { asInput, asRequest, otherFields, otherQuery } from './webhook-requests.ts';

export function meaningTarget(name: Signed['name']): Target {
  return {
    name: `webhooks: ${name}, meaning`,
    family: 'webhooks',
    share: 60_000,
    promise:
      'Decoding never throws, gives only valid events, the same twice, and the call that gets them is in a valid state afterwards.',
    open: () => meaning(SIGNED[name]()),
  };
}

const KINDS: ReadonlySet<CarrierEvent['kind']> = new Set<CarrierEvent['kind']>([
  ...(['placed', 'rang', 'answered', 'callerSaid', 'callerSilent'] as const),
  ...(['digitsReceived', 'utterancePlayed', 'streamClosed', 'carrierEnded'] as const),
]);

function meaning({ carrier, genuine, call }: Signed): Subject {
  return {
    make: (random) => said(random, genuine),
    check(input): Outcome {
      const report = carrier.decode(asRequest(input), NOW);
      if (report === null) return { kind: 'nothing', answer: null };
      checkReport(report);
      let now = call;
      for (const event of report.events) now = transition(now, event).call;
      forbid(
        now.id !== call.id || !['live', 'ending', 'ended'].includes(now.phase),
        'a webhook brings a call into no state',
        () => now.phase,
      );
      return {
        kind: report.events.length === 0 ? 'a call' : (report.events.at(-1)?.kind ?? ''),
        answer: report,
      };
    },
  };
}

function said(random: Random, genuine: readonly WebhookRequest[]): Input {
  const { body, path, ...rest } = random.pick(genuine);
  const isJson = body.startsWith('{');
  const other = random.pick([
    () => mutated(random, body),
    () => otherFields(random, body),
    () => otherFields(random, body),
    () =>
      isJson
        ? `{"data":{"event_type":"call.${random.pick(TELNYX)}","id":"x","payload":${anyJson(random, PAYLOAD)}}}`
        : body,
    () => anyText(random, 200),
    () => body,
  ])();
  const target = random.pick([
    () => path,
    () => otherQuery(random, path),
    () => mutated(random, path),
    () => random.pick(genuine).path,
  ])();
  return asInput({ ...rest, body: other, path: target }, { skewS: 0, address: 'public' });
}

const TELNYX = [
  'initiated',
  'answered',
  'hangup',
  'transcription',
  'speak.ended',
  'dtmf.received',
  'bridged',
];
const PAYLOAD = [
  'call_control_id',
  'client_state',
  'from',
  'to',
  'direction',
  'digit',
  'transcription_data',
  'hangup_cause',
  'transcript',
  'is_final',
];

function checkReport({ carrierCallId, direction, from, to, events }: Report): void {
  forbid(carrierCallId === '', 'a report names no call');
  forbid(
    direction !== null && direction !== 'inbound' && direction !== 'outbound',
    'a report has no direction',
  );
  for (const party of [from, to]) forbid(party !== null && typeof party !== 'string', 'a party is no text');
  for (const event of events) {
    forbid(!KINDS.has(event.kind) || !Number.isFinite(event.at), 'an event is none', () =>
      JSON.stringify(event),
    );
    if ('turn' in event)
      forbid(event.turn !== null && !Number.isSafeInteger(event.turn), 'a turn is no number', () =>
        JSON.stringify(event),
      );
    if (event.kind === 'callerSaid')
      forbid(event.text.trim() === '', 'words without a word', () => JSON.stringify(event));
    if (event.kind === 'digitsReceived')
      forbid(!/^[0-9A-Da-d*#]+$/.test(event.digits), 'keys no telephone has', () => event.digits);
    if (event.kind === 'carrierEnded')
      forbid(typeof event.cause !== 'string' || event.cause.length > 500, 'an end without a cause');
  }
}
