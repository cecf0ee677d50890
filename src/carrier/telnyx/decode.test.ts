// Tests of decode.ts: what each webhook of a call's life means.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type Telnyx from 'telnyx';
import { streamUrl } from '../../../test/wire/stream-url.ts';
import {
  CONTROL_ID,
  event,
  NOW,
  outboundCall,
  type Payload,
  stateOf,
} from '../../../test/wire/telnyx/samples.ts';
import type { EndReason } from '../../call/call.ts';
import type { CarrierEvent } from '../../call/event.ts';
import type { Report, WebhookRequest } from '../carrier.ts';
import { decode } from './decode.ts';

const read = (type: string, payload: Payload = {}): Report | null =>
  decode(event(type, payload), NOW, streamUrl);
const eventsOf = (type: string, payload: Payload = {}): readonly CarrierEvent[] =>
  (read(type, payload) ?? assert.fail('there is no report')).events;
const carries = (turn: number | null, utteranceId: string | null = null): Payload => ({
  client_state: stateOf(turn, utteranceId),
});

describe('a call begins:', () => {
  const parties = { from: '+15550100002', to: '+15550001234' };

  it('ours rings, and is named on both sides', () => {
    assert.deepEqual(read('call.initiated', { direction: 'outgoing', state: 'bridging', ...parties }), {
      carrierCallId: CONTROL_ID,
      callId: outboundCall().id,
      direction: 'outbound',
      ...parties,
      events: [{ kind: 'rang', at: NOW }],
      asks: false,
    });
  });

  it("a caller's is offered without a call of ours and waits to be picked up", () => {
    const report = read('call.initiated', {
      direction: 'incoming',
      state: 'parked',
      client_state: null,
      ...parties,
    });
    assert.deepEqual(report, {
      carrierCallId: CONTROL_ID,
      callId: null,
      direction: 'inbound',
      ...parties,
      events: [],
      asks: false,
    });
  });

  it('in no direction it is none', () => {
    for (const direction of [undefined, null, 'sideways'])
      assert.equal(read('call.initiated', { direction }), null);
  });

  it('who hides their number, or comes from elsewhere than a telephone, has none', () => {
    for (const from of [undefined, '', 'anonymous', 'sip:bob@example.test', '15550001234', '+0155']) {
      assert.equal(read('call.initiated', { direction: 'incoming', from })?.from, null);
    }
  });

  it('it is answered', () => {
    assert.deepEqual(eventsOf('call.answered', { state: 'answered' }), [{ kind: 'answered', at: NOW }]);
  });
});

it('what somebody else has Telnyx carry leaves the call to be known by its own id', () => {
  for (const client_state of [null, undefined, 'Y2FsbC0x', '***']) {
    const report = read('call.answered', { client_state });
    assert.deepEqual([report?.callId, report?.carrierCallId], [null, CONTROL_ID]);
  }
});

describe('the caller speaks:', () => {
  const said = (data: Payload, more: Payload = carries(3)): Report | null =>
    read('call.transcription', { transcription_data: data, ...more });
  const transcript = 'hello this is a test speech';
  const words = (text: string, turn: number | null): readonly CarrierEvent[] => [
    { kind: 'callerSaid', at: NOW, text, turn },
  ];

  it('final words carry the turn they answer', () => {
    const report = said({ transcript: ` ${transcript}\n`, confidence: 0.977219, is_final: true });
    assert.deepEqual(report?.events, words(transcript, 3));
  });

  it('without a turn they are taken for the open one', () => {
    assert.deepEqual(said({ transcript, is_final: true }, carries(null))?.events, words(transcript, null));
    assert.deepEqual(
      said({ transcript, is_final: true }, { client_state: null })?.events,
      words(transcript, null),
    );
  });

  it('words said to be neither final nor not are final: nothing else was asked for', () => {
    assert.deepEqual(said({ transcript })?.events, words(transcript, 3));
  });

  it('words that may still change, our own, or none at all are nothing', () => {
    const nothing = [
      { transcript, is_final: false },
      { transcript, is_final: true, transcription_track: 'outbound' },
      { transcript: ' ', is_final: true },
      { is_final: true },
      { transcript: 7, is_final: true },
    ];
    for (const data of nothing) assert.equal(said(data), null, JSON.stringify(data));
    for (const data of [undefined, null, 'x', []])
      assert.equal(read('call.transcription', { transcription_data: data }), null);
  });

  it('keys come one by one', () => {
    const pressed = eventsOf('call.dtmf.received', { digit: '5', ...carries(3) });
    assert.deepEqual(pressed, [
      { kind: 'digitsReceived', at: NOW, digits: '5', turn: 3, pressedAt: Date.UTC(2026, 10, 21, 12) },
    ]);
    for (const digit of [undefined, '', '12', 'x', 5])
      assert.equal(read('call.dtmf.received', { digit }), null);
  });
});

describe('we speak:', () => {
  it('what was said to its end was heard', () => {
    assert.deepEqual(eventsOf('call.speak.ended', { status: 'completed', ...carries(2, 'u3') }), [
      { kind: 'utterancePlayed', at: NOW, utteranceId: 'u3' },
    ]);
  });

  it('what was cut was not, nor what has no name', () => {
    for (const status of ['call_hangup', 'cancelled', 'cancelled_amd', undefined]) {
      assert.equal(read('call.speak.ended', { status, ...carries(2, 'u3') }), null);
    }
    assert.equal(read('call.speak.ended', { status: 'completed', ...carries(2, null) }), null);
    assert.equal(read('call.speak.ended', { status: 'completed', client_state: null }), null);
  });
});

describe('a call ends:', () => {
  const end = (payload: Payload): readonly (string | undefined)[] => {
    const [ended] = eventsOf('call.hangup', payload);
    return ended?.kind === 'carrierEnded' ? [ended.reason, ended.cause] : assert.fail('it is no end');
  };
  type Cause = NonNullable<Telnyx.CallHangup.Payload['hangup_cause']>;
  const documented: Readonly<Record<Cause, EndReason>> = {
    normal_clearing: 'completed',
    originator_cancel: 'hangup-bot',
    call_rejected: 'busy',
    user_busy: 'busy',
    timeout: 'no-answer',
    no_answer: 'no-answer',
    time_limit: 'timeout',
    not_found: 'failed',
    unspecified: 'completed',
  };
  const older: Readonly<Record<string, EndReason>> = {
    normal_unspecified: 'completed',
    no_user_response: 'no-answer',
    destination_out_of_order: 'failed',
    network_out_of_order: 'failed',
    service_unavailable: 'failed',
    recovery_on_timer_expire: 'failed',
    machine_detected: 'voicemail',
    fax_detected: 'voicemail',
    user_hangup: 'hangup-user',
    subscriber_absent: 'hangup-user',
  };

  for (const [cause, reason] of Object.entries({ ...documented, ...older })) {
    it(`${cause} is ${reason}`, () => {
      assert.equal(end({ hangup_cause: cause, hangup_source: 'callee', sip_hangup_cause: '200' })[0], reason);
    });
  }

  it('in words that say who ended it and what the telephone network said', () => {
    const normal = { hangup_cause: 'normal_clearing', hangup_source: 'callee' };
    assert.equal(end({ ...normal, sip_hangup_cause: '200' })[1], 'normal_clearing (source callee, sip 200)');
    assert.equal(end({ ...normal, sip_hangup_cause: 'unspecified' })[1], 'normal_clearing (source callee)');
    assert.equal(end({})[1], 'unspecified (source unknown)');
    assert.equal(
      end({ hangup_cause: 'toString', hangup_source: '<b>' })[1],
      'unspecified (source unspecified)',
    );
  });

  it('for a reason nobody has heard of, the telephone network says whether it failed', () => {
    const reasons = ['200', 'unspecified', '404', '503', '603'].map(
      (sip_hangup_cause) => end({ hangup_cause: 'unspecified', sip_hangup_cause })[0],
    );
    assert.deepEqual(reasons, ['completed', 'completed', 'failed', 'failed', 'failed']);
    assert.equal(end({ hangup_cause: 'constructor' })[0], 'completed');
  });
});

describe('a media stream is over:', () => {
  const { id } = outboundCall();
  const present = { n: 2, expiresAt: NOW + 10_000 };
  const url = streamUrl(id, present.n, present.expiresAt).url;
  const former = streamUrl(id, 1, NOW).url;
  const streams: Payload = { client_state: stateOf(null, null, present) };
  const closed = (n: number | null, why: string): readonly CarrierEvent[] => [
    { kind: 'streamClosed', at: NOW, n, why },
  ];
  const stopped = 'Telnyx stopped streaming';

  it('it stopped, or could not be connected', () => {
    assert.deepEqual(eventsOf('streaming.stopped', { ...streams, stream_url: url }), closed(2, stopped));
    const failed: NonNullable<Telnyx.CallStreamingFailed['payload']> = {
      failure_reason: 'connection_failed',
      stream_id: 'x',
      stream_params: { stream_url: url, track: 'inbound_track' },
      stream_type: 'websocket',
    };
    assert.deepEqual(
      eventsOf('streaming.failed', { ...streams, ...failed }),
      closed(2, 'Telnyx could not stream: connection_failed'),
    );
  });

  it('without an address it is the one the line was told last', () => {
    assert.deepEqual(eventsOf('streaming.stopped', streams), closed(2, stopped));
    assert.deepEqual(
      eventsOf('streaming.failed', { ...streams, stream_params: null, failure_reason: 'x\ny' }),
      closed(2, 'Telnyx could not stream: unspecified'),
    );
  });

  it('news of one that was replaced are none of the one in its place', () => {
    assert.equal(read('streaming.stopped', { ...streams, stream_url: former }), null);
    assert.equal(read('streaming.failed', { ...streams, stream_params: { stream_url: former } }), null);
    const whenOff = decode(event('streaming.stopped', { ...streams, stream_url: former }), NOW, null);
    assert.deepEqual(whenOff?.events, closed(2, stopped));
  });

  it('a call that was told something else meanwhile waits for none', () => {
    assert.equal(read('streaming.stopped', { ...carries(3, 'u3'), stream_url: former }), null);
  });

  it('of a call that does not carry our state it is the present one', () => {
    assert.deepEqual(eventsOf('streaming.stopped', { client_state: null }), closed(null, stopped));
  });
});

it('other events are nothing to us', () => {
  const others = `call.bridged call.hold call.speak.started call.playback.ended call.gather.ended call.cost
    call.machine.detection.ended streaming.started call.recording.saved toString __proto__`.split(/\s+/);
  for (const type of [...others, '']) assert.equal(read(type), null, type);
});

it('a call without an id is none, and only a POST says anything', () => {
  for (const call_control_id of [undefined, null, '', 7])
    assert.equal(read('call.answered', { call_control_id }), null);
  assert.equal(decode({ ...event('call.answered'), method: 'GET' }, NOW, streamUrl), null);
});

it('nothing makes it throw', () => {
  const request = (body: string): WebhookRequest => ({ ...event('call.answered'), body });
  fc.assert(
    fc.property(fc.string(), (body) => assert.doesNotThrow(() => decode(request(body), NOW, streamUrl))),
  );
  const types = fc.constantFrom(
    'call.initiated',
    'call.transcription',
    'call.dtmf.received',
    'call.speak.ended',
    'call.hangup',
    'streaming.failed',
    'streaming.stopped',
  );
  const names = fc.constantFrom(
    'client_state',
    'direction',
    'from',
    'transcription_data',
    'digit',
    'status',
    'hangup_cause',
    'failure_reason',
    'stream_url',
    'stream_params',
  );
  fc.assert(
    fc.property(types, fc.dictionary(names, fc.jsonValue()), (type, payload) => {
      const report = decode(event(type, payload), NOW, streamUrl);
      assert.ok(report === null || report.carrierCallId === CONTROL_ID);
    }),
  );
});
