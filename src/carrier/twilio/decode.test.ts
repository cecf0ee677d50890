// Tests of decode.ts: what each webhook of a call's life means.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  CALL_SID,
  type Fields,
  NOW,
  numberVisit,
  options,
  outboundCall,
  statusVisit,
  visit,
} from '../../../test/wire/twilio/samples.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Report, WebhookRequest } from '../carrier.ts';
import { decode } from './decode.ts';

const read = (request: WebhookRequest): Report | null => decode(request, options.accountSid, NOW);
const told = (request: WebhookRequest): Report => read(request) ?? assert.fail('there is no report');
const eventsOf = (request: WebhookRequest): readonly CarrierEvent[] => told(request).events;
const answered: CarrierEvent = { kind: 'answered', at: NOW };

describe('an outbound call:', () => {
  it('a report names the call on both sides and its parties', () => {
    assert.deepEqual(read(visit('flow=answer')), {
      carrierCallId: CALL_SID,
      callId: outboundCall().id,
      direction: 'outbound',
      from: '+15550100002',
      to: '+15550001234',
      events: [answered],
      asks: true,
    });
  });

  it('queued and initiated say nothing new, ringing says it rings', () => {
    assert.deepEqual(eventsOf(statusVisit('queued', 0)), []);
    assert.deepEqual(eventsOf(statusVisit('initiated', 0)), []);
    assert.deepEqual(eventsOf(statusVisit('ringing', 1)), [{ kind: 'rang', at: NOW }]);
  });

  it('a status nobody has heard of says nothing', () => {
    for (const status of ['', 'COMPLETED', 'toString', '__proto__']) {
      assert.deepEqual(eventsOf(statusVisit(status, 1)), [], status);
    }
  });

  it('a status callback is no question, every other address is one', () => {
    assert.equal(told(statusVisit('ringing', 1)).asks, false);
    for (const flow of ['answer', 'wait', 'played&utterance=u1', 'silent&turn=1', 'gather&turn=1']) {
      assert.equal(told(visit(`flow=${flow}`)).asks, true, flow);
    }
  });

  it('the status callback says it was answered only when nobody will ask for the opening', () => {
    assert.deepEqual(eventsOf(statusVisit('in-progress', 2)), []);
    const inlined = visit('flow=status&opening=inline', { CallbackSource: 'call-progress-events' });
    assert.deepEqual(eventsOf(inlined), [answered]);
  });

  it('a visit that overtakes the status callback says itself that the call was answered', () => {
    const played: CarrierEvent = { kind: 'utterancePlayed', at: NOW, utteranceId: 'u1' };
    assert.deepEqual(eventsOf(visit('flow=played&utterance=u1&asked=0')), [answered, played]);
    assert.deepEqual(eventsOf(visit('flow=wait&asked=1')), [answered]);
    assert.deepEqual(eventsOf(visit('flow=wait&asked=1', { CallStatus: 'ringing' })), []);
  });

  it('a stream that is over is told by its number, and Twilio asks what to do instead', () => {
    const report = told(visit('flow=streamed&stream=2&asked=4'));
    const why = 'Twilio went on without it';
    assert.deepEqual(report.events, [{ kind: 'streamClosed', at: NOW, n: 2, why }]);
    assert.equal(report.asks, true);
    for (const odd of ['', '&stream=', '&stream=0', '&stream=x']) {
      assert.deepEqual(eventsOf(visit(`flow=streamed${odd}`)), [], odd);
    }
  });

  it('words and keys carry the turn they answer', () => {
    const said = visit('flow=gather&turn=3', { SpeechResult: 'yes please', Confidence: '0.91' });
    assert.deepEqual(eventsOf(said), [{ kind: 'callerSaid', at: NOW, text: 'yes please', turn: 3 }]);
    const pressed = visit('flow=gather&turn=3', { Digits: '12*#' });
    assert.deepEqual(eventsOf(pressed), [{ kind: 'digitsReceived', at: NOW, digits: '12*#', turn: 3 }]);
  });

  it('nothing heard is silence, whichever way Twilio says so', () => {
    const silent: CarrierEvent = { kind: 'callerSilent', at: NOW, turn: 3 };
    assert.deepEqual(eventsOf(visit('flow=silent&turn=3&utterance=u2')), [silent]);
    for (const nothing of [{}, { Digits: '' }, { SpeechResult: '  ' }] as Fields[]) {
      assert.deepEqual(eventsOf(visit('flow=gather&turn=3', nothing)), [silent]);
    }
  });

  it('an answer without a readable turn answers nothing, but is still asked for a document', () => {
    for (const turn of ['', '&turn=', '&turn=0', '&turn=-1', '&turn=1e3', '&turn=99999999999', '&turn=NaN']) {
      assert.deepEqual(eventsOf(visit(`flow=gather${turn}`, { SpeechResult: 'yes' })), []);
      assert.deepEqual(eventsOf(visit(`flow=silent${turn}`)), []);
    }
    assert.deepEqual(eventsOf(visit('flow=played&utterance=x')), []);
  });

  it('each way to be over has its documented name, and keeps what Twilio said', () => {
    const ends = [
      ['completed', 'completed'],
      ['busy', 'busy'],
      ['no-answer', 'no-answer'],
      ['failed', 'failed'],
      ['canceled', 'hangup-bot'],
    ] as const;
    for (const [status, reason] of ends) {
      const cause = `CallStatus=${status} SipResponseCode=486`;
      const over = [{ kind: 'carrierEnded', at: NOW, reason, cause }];
      assert.deepEqual(eventsOf(statusVisit(status, 2, { SipResponseCode: '486' })), over);
    }
    const [end] = eventsOf(statusVisit('busy', 2, { SipResponseCode: 'x\ny' }));
    assert.equal(end?.kind === 'carrierEnded' && end.cause, 'CallStatus=busy');
  });

  it('a visit of a call that is over says so and nothing else', () => {
    for (const flow of ['answer', 'gather&turn=1', 'silent&turn=1', 'played&utterance=u1', 'wait']) {
      const request = visit(`flow=${flow}`, { CallStatus: 'completed', SpeechResult: 'bye' });
      const over = { kind: 'carrierEnded', at: NOW, reason: 'completed', cause: 'CallStatus=completed' };
      assert.deepEqual(eventsOf(request), [over]);
      assert.equal(told(request).asks, true);
    }
  });
});

describe('an inbound call:', () => {
  it('the first visit answers it, and asks what to do', () => {
    const report = told(numberVisit());
    assert.deepEqual(report.events, [answered]);
    assert.deepEqual([report.asks, report.callId, report.direction], [true, null, 'inbound']);
    assert.deepEqual([report.from, report.to], ['+15550001234', '+15550100002']);
  });

  it('a caller who hides has no number', () => {
    for (const From of [
      '',
      'anonymous',
      '+',
      'sip:x@y',
      '+0155501',
      '+1555000123456789',
      '15550001234',
      '+1555٠001234',
    ]) {
      assert.equal(told(numberVisit({ From })).from, null, From);
    }
  });

  it("the number's own status callback says that the caller left, and asks nothing", () => {
    const report = told(numberVisit({ CallStatus: 'completed', CallDuration: '12' }));
    assert.deepEqual([report.events[0]?.kind, report.asks], ['carrierEnded', false]);
  });

  it("the number's own status callback about a call in progress says nothing, and answers nothing", () => {
    const report = told(numberVisit({ CallStatus: 'in-progress', CallbackSource: 'call-progress-events' }));
    assert.deepEqual([report.events, report.asks], [[], false]);
  });
});

describe('nothing is made of', () => {
  const nothing = (name: string, request: WebhookRequest): void => {
    it(name, () => assert.equal(read(request), null));
  };
  nothing(
    'a call of another account',
    visit('flow=answer', { AccountSid: 'AC00000000000000000000000000000000' }),
  );
  nothing('a call without an id', visit('flow=answer', { CallSid: '' }));
  nothing('a call with an odd id', visit('flow=answer', { CallSid: `${CALL_SID}\n` }));
  nothing('an address we never handed out', visit('flow=constructor'));
  nothing('an address without a purpose', visit('x=y'));
  nothing('an outbound call that is not ours', numberVisit({ Direction: 'outbound-api' }));
  nothing('a GET', { ...visit('flow=answer'), method: 'GET' });
});

it('whatever stands in path and body, nothing is thrown and no stranger gets a report', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('callId=', 'flow=gather', '&', '?', '%', 'CallSid=CA', '__proto__'),
  );
  const text = fc.array(piece).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, text, (path, body) => {
      assert.equal(read({ method: 'POST', path, headers: {}, body, urls: [] }), null);
    }),
  );
});

it('whatever Twilio may add to its fields, there is a report', () => {
  const fields = fc.dictionary(
    fc.constantFrom('CallStatus', 'Direction', 'From', 'To', 'SpeechResult', 'Digits', 'SipResponseCode'),
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('toString', '__proto__', 'inbound')),
  );
  fc.assert(
    fc.property(
      fields,
      fc.constantFrom('answer', 'status', 'gather&turn=1', 'silent', 'played', 'wait'),
      (some, flow) => {
        assert.equal(read(visit(`flow=${flow}`, some))?.carrierCallId, CALL_SID);
      },
    ),
  );
});
