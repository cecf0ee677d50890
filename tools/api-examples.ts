// ApiExamples: for each Gateway method what it is asked, what it answers and how it fails; test/e2e/docs.test.ts asks them.
import type { ErrorCode } from '../src/lib/errors.ts';

export interface MethodExample {
  readonly params: Readonly<Record<string, unknown>>;
  /** What a real Gateway answers, shortened: every field here is there. */
  readonly answer: Readonly<Record<string, unknown>>;
  /** Beside those that every method may answer. */
  readonly errors: readonly ErrorCode[];
  readonly note?: string;
}

/** On a call that is named and must be live. */
const ON_A_CALL = [
  'VC_CALL_NOT_FOUND',
  'VC_CALL_NOT_ACTIVE',
  'VC_CALL_NOT_CONNECTED',
] as const satisfies readonly ErrorCode[];
const PLACING = [
  'VC_NUMBER_INVALID',
  'VC_EMERGENCY_NUMBER',
  'VC_PREMIUM_NUMBER',
  'VC_REDIAL_PAUSED',
  'VC_CALLS_USED_UP',
  'VC_MINUTES_USED_UP',
  'VC_TOO_MANY_CALLS',
  'VC_DTMF_NEEDS_CONVERSATION',
  'VC_DIGITS_INVALID',
  'VC_NOT_SUPPORTED',
  'VC_DIAL_FAILED',
  'VC_AGENT_UNKNOWN',
  'VC_STORE_FAILED',
] as const satisfies readonly ErrorCode[];

const CALL = '<id>';

/** By method, without `voicecall.`. */
export const methodExamples: Readonly<Record<string, MethodExample>> = {
  initiate: {
    params: { message: 'Your table is booked for seven.', to: '+15550001234', mode: 'notify' },
    answer: { callId: CALL, initiated: true },
    errors: PLACING,
    note: 'It answers when the carrier has taken the call: it rings, nobody has heard anything yet.',
  },
  start: {
    params: { to: '+15550001234' },
    answer: { callId: CALL, initiated: true },
    errors: [...PLACING, 'VC_AGENT_UNTRUSTED'],
  },
  continue: {
    params: { callId: CALL, message: 'Would Tuesday at three suit you?' },
    answer: { success: true, transcript: 'Yes, that is fine.' },
    errors: [
      ...ON_A_CALL,
      'VC_NOTIFY_ONLY',
      'VC_ALREADY_WAITING',
      'VC_TRANSCRIPT_TIMEOUT',
      'VC_CALL_ENDED',
      'VC_SPEAK_FAILED',
    ],
    note: 'Waits up to `transcriptTimeoutMs`, so give the request that long.',
  },
  'continue.start': {
    params: { callId: CALL, message: 'Would Tuesday at three suit you?' },
    answer: { operationId: '<operation>', status: 'pending', pollTimeoutMs: 218000 },
    errors: [],
  },
  'continue.result': {
    params: { operationId: '<operation>' },
    answer: { status: 'pending' },
    errors: ['VC_OPERATION_NOT_FOUND'],
    note:
      'Then once `{ "status": "completed", "result": … }` as `voicecall.continue` answers, or `{ "status": "failed", ' +
      '"error": …, "cure": … }`. A result is kept five minutes and handed out once.',
  },
  speak: {
    params: { callId: CALL, message: 'One moment, I am looking it up.' },
    answer: { success: true },
    errors: [...ON_A_CALL, 'VC_NOTIFY_ONLY', 'VC_SPEAK_FAILED', 'VC_NOT_SUPPORTED'],
  },
  dtmf: {
    params: { callId: CALL, digits: '1,2#' },
    answer: { success: true },
    errors: [...ON_A_CALL, 'VC_NOTIFY_ONLY', 'VC_DIGITS_INVALID', 'VC_NOT_SUPPORTED'],
  },
  end: {
    params: { callId: CALL },
    answer: { success: true },
    errors: ['VC_CALL_NOT_FOUND', 'VC_HANGUP_FAILED'],
    note: 'What is being said is heard to its end first. A call that is over already is no error.',
  },
  status: {
    params: { callId: CALL },
    answer: {
      found: true,
      call: {
        callId: CALL,
        provider: 'mock',
        direction: 'outbound',
        state: 'listening',
        from: '+15550000000',
        to: '+15550001234',
        agentId: 'main',
        startedAt: 1763750000000,
        transcript: [{ timestamp: 1763750001000, speaker: 'bot', text: 'Hello.', isFinal: true }],
        metadata: { mode: 'conversation', turnCount: 0, turns: [] },
      },
      health: [],
    },
    errors: [],
    note:
      'A call that is unknown is `{ "found": false }`. Without a call: `calls`, open ones first, `next` for the next page, and ' +
      '`outbound24h` (`calls`, `minutes`, with their limits). `health` lists what does not work now: `subject`, `code`, ' +
      '`message`, `cure`, `since`. `state` is `initiated`, `ringing`, `answered`, `active`, `speaking` or `listening`; of a ' +
      'call that is over it is why it ended, as in `endReason`. [meanings.md](meanings.md) has them all.',
  },
  'call.events': {
    params: { callId: CALL, after: 0, limit: 50 },
    answer: { events: [{ seq: 1, at: 1763750000000 }], next: null },
    errors: ['VC_CALL_NOT_FOUND'],
    note: '`event` in each is what happened, as [states.md](states.md) names it. `next` is the `after` of the next page.',
  },
  latency: {
    params: { last: 50 },
    answer: { recordsScanned: 1, stages: {}, turns: [] },
    errors: [],
    note:
      '`turnLatency`, `listenWait` and each of `stages` have `count`, `minMs`, `maxMs`, `avgMs`, `p50Ms`, `p90Ms`, ' +
      '`p95Ms`, `p99Ms`, or are null or absent where nothing was measured.',
  },
  watch: {
    params: { callId: CALL },
    answer: { watching: true },
    errors: ['VC_CALL_NOT_FOUND'],
  },
  'pairing.list': {
    params: {},
    answer: {
      pairings: [{ code: '<code>', from: '+15550007777', at: 1763750000000, expiresAt: 1763750600000 }],
    },
    errors: [],
  },
  'pairing.approve': {
    params: { code: '<code>' },
    answer: { success: true, from: '+15550007777' },
    errors: ['VC_PAIRING_UNKNOWN', 'VC_PAIRING_LOCKED'],
  },
  ring: {
    params: { from: '+15550005678', says: ['Hello, who is speaking?', 'Thank you, goodbye.'] },
    answer: { callId: CALL },
    errors: ['VC_NUMBER_INVALID', 'VC_NOT_SUPPORTED'],
  },
  'phone.open': {
    params: { sound: false },
    answer: {
      url: '/voice-call-phone?ticket=…',
      number: '+15550008379',
      sound: false,
      expiresAt: 1763750030000,
    },
    errors: ['VC_NO_TEST_PHONE', 'VC_PHONES_FULL'],
    note: 'What to do with it: [test-phone.md](test-phone.md).',
  },
  setup: {
    params: {},
    answer: { ok: true, checks: [{ id: 'plugin-enabled', ok: true, message: 'Voice Call is enabled' }] },
    errors: [],
    note:
      'A failed check has `cure`, and `paste` where something is to be entered in a console. `skipped`: it could not be ' +
      'checked because another one failed. `warning`: it works, but may not be meant. `miswritten`: the ' +
      'configuration is to be corrected, not only completed. It calls nobody.',
  },
  'setup.plan': {
    params: {},
    answer: { kind: 'right', message: 'the mock carrier has nothing to set' },
    errors: [],
    note: 'Or `changes` (`changes`, `bound`, `place`), or `impossible` (`why`, `cure`).',
  },
  'setup.fix': {
    params: { agreed: [] },
    answer: { ok: true, changes: [] },
    errors: [],
    note:
      '`agreed` is what `voicecall.setup.plan` showed: nothing else is done. `despite: true` also when the number belongs ' +
      'to something else. Or `{ "ok": false, "why": …, "cure": … }`.',
  },
  expose: {
    params: { mode: 'funnel' },
    answer: {
      ok: true,
      mode: 'funnel',
      path: '/voice/webhook',
      streamPaths: [],
      localUrl: 'http://127.0.0.1:3334/voice/webhook',
      publicUrl: 'https://box.tail-net.ts.net/voice/webhook',
    },
    errors: ['VC_TUNNEL_MISSING', 'VC_TUNNEL_TAKEN', 'VC_TUNNEL_DOWN'],
    note: '`hint` says what may be left to do. With `off` it answers `ok`, `mode` and `path` only.',
  },
};

/** For each action of the tool an example, all of which the same test tries. */
export const actionExamples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  initiate_call: {
    to: '+15550001234',
    mode: 'conversation',
    message: 'Hello, this is the assistant of Ada.',
  },
  continue_call: { callId: CALL, message: 'Would Tuesday at three suit you?' },
  speak_to_user: { callId: CALL, message: 'One moment, I am looking it up.' },
  send_dtmf: { callId: CALL, digits: '1234#' },
  end_call: { callId: CALL },
  get_status: { callId: CALL },
  list_pairings: {},
  approve_pairing: { code: '<code>' },
};
