// Tests of decode.ts: what each webhook of a call's life means.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  CALL_UUID,
  type Fields,
  hungUp,
  NOW,
  numberVisit,
  outboundCall,
  REQUEST_UUID,
  visit,
} from '../../../test/wire/plivo/samples.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Report, WebhookRequest } from '../carrier.ts';
import { decode, requestIn } from './decode.ts';

const read = (request: WebhookRequest): Report | null => decode(request, NOW);
const told = (request: WebhookRequest): Report => read(request) ?? assert.fail('there is no report');
const eventsOf = (request: WebhookRequest): readonly CarrierEvent[] => told(request).events;
const answered: CarrierEvent = { kind: 'answered', at: NOW };
const over: CarrierEvent = {
  kind: 'carrierEnded',
  at: NOW,
  reason: 'completed',
  cause: 'NORMAL_CLEARING 4000 Normal Hangup (Callee)',
};

describe('an outbound call:', () => {
  it('a report names the call on both sides, the request it came from, and its parties', () => {
    assert.deepEqual(read(visit('flow=answer&n=0', { Event: 'StartApp' })), {
      carrierCallId: CALL_UUID,
      formerId: `request:${REQUEST_UUID}`,
      callId: outboundCall().id,
      direction: 'outbound',
      from: '+15550100002',
      to: '+15550001234',
      events: [answered],
      asks: true,
    });
    assert.equal(requestIn(`request:${REQUEST_UUID}`), REQUEST_UUID);
    assert.equal(requestIn(CALL_UUID), null);
  });

  it('either name of the request will do, and an odd one is none', () => {
    const request = (fields: Fields): string | undefined => told(visit('flow=ring&n=0', fields)).formerId;
    assert.equal(request({ RequestUUID: '' }), `request:${REQUEST_UUID}`);
    assert.equal(request({ RequestUUID: '', ALegRequestUUID: 'x y' }), undefined);
  });

  it('it rings, is answered and ends', () => {
    const ring = visit('flow=ring&n=0', { Event: 'Ring', CallStatus: 'ringing' });
    assert.deepEqual(eventsOf(ring), [{ kind: 'rang', at: NOW }]);
    assert.deepEqual(eventsOf(visit('flow=answer&n=0', { Event: 'StartApp' })), [answered]);
    assert.deepEqual(eventsOf(visit('flow=hangup&n=0', hungUp)), [over]);
  });

  it('whatever reaches the hang-up address means the end, though its fields be odd', () => {
    const [event] = eventsOf(visit('flow=hangup&n=0', { Event: '', CallStatus: 'weird' }));
    assert.equal(event?.kind, 'carrierEnded');
  });

  it('ringing and hanging up are no questions, every other address is one', () => {
    assert.equal(told(visit('flow=ring&n=0')).asks, false);
    assert.equal(told(visit('flow=hangup&n=0', hungUp)).asks, false);
    assert.equal(told(visit('flow=streaming&n=0&stream=1', { Event: 'StartStream' })).asks, false);
    for (const flow of [
      'answer',
      'next',
      'played&utterance=u1',
      'silent&turn=1',
      'input&turn=1',
      'streamed',
    ]) {
      assert.equal(told(visit(`flow=${flow}`)).asks, true, flow);
    }
  });

  it('what was heard is told, and a transfer brings no news', () => {
    const played: CarrierEvent = { kind: 'utterancePlayed', at: NOW, utteranceId: 'u1' };
    assert.deepEqual(eventsOf(visit('flow=played&n=1&utterance=u1')), [played]);
    assert.deepEqual(eventsOf(visit('flow=next&n=1&utterance=u1&turn=1')), []);
  });

  it('a stream is over when Plivo goes on after it, or says that it lost it', () => {
    const closed = (n: number, why: string): CarrierEvent => ({ kind: 'streamClosed', at: NOW, n, why });
    assert.deepEqual(eventsOf(visit('flow=streamed&n=4&stream=2')), [closed(2, 'Plivo went on without it')]);
    const dropped = { Event: 'DroppedStream', StreamID: 'x', Error: 'connection lost' };
    const lost = [closed(3, 'Plivo lost the connection')];
    assert.deepEqual(eventsOf(visit('flow=streaming&n=4&stream=3', dropped)), lost);
    assert.deepEqual(eventsOf(visit('flow=streaming&n=4&stream=3', { Event: 'failed' })), lost);
  });

  it('other news of a stream, or of one without a number, is none', () => {
    for (const Event of ['StartStream', 'StopStream', 'DegradedStream', 'started', 'stopped', '']) {
      assert.deepEqual(eventsOf(visit('flow=streaming&n=4&stream=3', { Event })), [], Event);
    }
    for (const odd of ['', '&stream=0', '&stream=x', '&stream=1.5']) {
      assert.deepEqual(eventsOf(visit(`flow=streamed&n=4${odd}`)), [], odd);
      assert.deepEqual(eventsOf(visit(`flow=streaming&n=4${odd}`, { Event: 'DroppedStream' })), [], odd);
    }
  });

  it('words and keys carry the turn they answer', () => {
    const said = { InputType: 'speech', Speech: ' yes please ', SpeechConfidenceScore: '0.91', Digits: '' };
    assert.deepEqual(eventsOf(visit('flow=input&turn=3', said)), [
      { kind: 'callerSaid', at: NOW, text: 'yes please', turn: 3 },
    ]);
    const pressed = { InputType: 'dtmf', Digits: '12*#', Speech: '' };
    assert.deepEqual(eventsOf(visit('flow=input&turn=3', pressed)), [
      { kind: 'digitsReceived', at: NOW, digits: '12*#', turn: 3 },
    ]);
  });

  it('the type of the input decides between both, and without one whatever is there counts', () => {
    const kind = (fields: Fields): string | undefined =>
      eventsOf(visit('flow=input&turn=3', fields))[0]?.kind;
    const both = { Speech: 'one', Digits: '1' };
    assert.equal(kind({ InputType: 'dtmf', ...both }), 'digitsReceived');
    assert.equal(kind({ InputType: 'speech', ...both }), 'callerSaid');
    assert.equal(kind(both), 'callerSaid');
    assert.equal(kind({ Digits: '1' }), 'digitsReceived');
    assert.equal(kind({ Transcription: 'one' }), 'callerSaid');
  });

  it('nothing heard is silence, whichever way Plivo says so', () => {
    const silent: CarrierEvent = { kind: 'callerSilent', at: NOW, turn: 3 };
    assert.deepEqual(eventsOf(visit('flow=silent&turn=3&utterance=u2')), [silent]);
    for (const nothing of [
      {},
      { Digits: '' },
      { Speech: '  ' },
      { InputType: 'dtmf', Digits: 'x' },
    ] as Fields[]) {
      assert.deepEqual(eventsOf(visit('flow=input&turn=3', nothing)), [silent]);
    }
  });

  it('an answer without a readable turn answers nothing, but is still asked for a document', () => {
    for (const turn of ['', '&turn=', '&turn=0', '&turn=-1', '&turn=1e3', '&turn=99999999999', '&turn=NaN']) {
      assert.deepEqual(eventsOf(visit(`flow=input${turn}`, { Speech: 'yes' })), []);
      assert.deepEqual(eventsOf(visit(`flow=silent${turn}`)), []);
    }
    assert.deepEqual(eventsOf(visit('flow=played&utterance=x')), []);
  });

  it('a visit of a call that is over says so and nothing else', () => {
    for (const flow of ['answer', 'input&turn=1', 'silent&turn=1', 'played&utterance=u1', 'next']) {
      const request = visit(`flow=${flow}`, { ...hungUp, Event: '', Speech: 'bye' });
      assert.deepEqual(eventsOf(request), [over]);
      assert.equal(told(request).asks, true);
    }
  });
});

describe('an inbound call:', () => {
  it('the first visit answers it, and asks what to do', () => {
    for (const fields of [{}, { CallStatus: 'in-progress' }, { Event: '' }] as Fields[]) {
      const report = told(numberVisit(fields));
      assert.deepEqual(report.events, [answered]);
      assert.deepEqual([report.asks, report.callId, report.direction], [true, null, 'inbound']);
      assert.deepEqual([report.from, report.to], ['+15550001234', '+15550100002']);
      assert.equal('formerId' in report, false);
    }
  });

  it('a number gets its plus, and a caller who hides has none', () => {
    assert.equal(told(numberVisit({ From: '+4930123456' })).from, '+4930123456');
    assert.equal(told(numberVisit({ From: '4930123456' })).from, '+4930123456');
    for (const From of [
      '',
      'anonymous',
      '+',
      '1001',
      'sip:x@y',
      '0155501234',
      '+1555000123456789',
      '1555٠001234',
    ]) {
      assert.equal(told(numberVisit({ From })).from, null, From);
    }
  });

  it('the hang-up address of the application says that the caller left, and asks nothing', () => {
    const report = told(numberVisit(hungUp));
    assert.deepEqual([report.events, report.asks], [[over], false]);
  });

  it('any other event says nothing and asks nothing', () => {
    const report = told(numberVisit({ Event: 'Ring' }));
    assert.deepEqual([report.events, report.asks], [[], false]);
  });
});

describe('nothing is made of', () => {
  const nothing = (name: string, request: WebhookRequest): void => {
    it(name, () => assert.equal(read(request), null));
  };
  nothing('a call without an id', visit('flow=answer', { CallUUID: '' }));
  nothing('a call with an odd id', visit('flow=answer', { CallUUID: `${CALL_UUID}\n` }));
  nothing('a call with the id of a request', visit('flow=answer', { CallUUID: `request:${REQUEST_UUID}` }));
  nothing('an address we never handed out', visit('flow=constructor'));
  nothing('an address without a purpose', visit('x=y'));
  nothing('an outbound call that is not ours', numberVisit({ Direction: 'outbound' }));
  nothing('a GET', { ...visit('flow=answer'), method: 'GET' });
});

it('whatever stands in path and body, nothing is thrown and no stranger gets a report', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('callId=', 'flow=input', '&', '?', '%', 'CallUUID=3', '__proto__'),
  );
  const text = fc.array(piece).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, text, (path, body) => {
      const report = read({ method: 'POST', path, headers: {}, body, urls: [] });
      assert.ok(report === null || report.carrierCallId.startsWith('3'));
    }),
  );
});

it('whatever Plivo may add to its fields, there is a report', () => {
  const fields = fc.dictionary(
    fc.constantFrom('CallStatus', 'Direction', 'From', 'To', 'Speech', 'Digits', 'HangupCauseCode', 'Event'),
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('toString', '__proto__', 'inbound', 'Hangup')),
  );
  const flow = fc.constantFrom('answer', 'ring', 'hangup', 'input&turn=1', 'silent', 'played', 'next');
  fc.assert(
    fc.property(fields, flow, (some, place) => {
      assert.equal(read(visit(`flow=${place}`, some))?.carrierCallId, CALL_UUID);
    }),
  );
});
