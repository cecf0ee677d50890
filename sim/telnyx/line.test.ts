// Line: a call from its first event to its last, with a person at the other end.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { play } from '../play.ts';
import type { TwinCall } from './call.ts';
import { Person } from './person.ts';
import type { TwinOptions } from './settings.ts';
import { ALICE, OURS, openStage, type Stage } from './stage.ts';
import { tell } from './story.ts';

interface Scene extends Stage {
  readonly call: TwinCall;
  readonly actions: Stage['sdk']['calls']['actions'];
  readonly step: (until: number | (() => boolean)) => Promise<number>;
}

/** We call the person; nothing has happened yet. */
async function callThem(
  test: TestContext,
  person: Person,
  options: TwinOptions = {},
  order = {},
): Promise<Scene> {
  const stage = await openStage(test, options);
  stage.twin.expect(ALICE, person);
  const { connectionId } = stage.twin.settings;
  await stage.sdk.calls.dial({ connection_id: connectionId, to: ALICE, from: OURS, ...order });
  return scene(stage, stage.twin.calls[0]);
}

function scene(stage: Stage, call: TwinCall | undefined): Scene {
  assert.ok(call);
  const step: Scene['step'] = (until) => play(stage.clock, stage.twin, until);
  return { ...stage, call, step, actions: stage.sdk.calls.actions };
}

/** We called the person and they answered. */
async function inCall(test: TestContext, person: Person, options: TwinOptions = {}): Promise<Scene> {
  const there = await callThem(test, person, options);
  await there.step(() => there.call.isAnswered);
  return there;
}

const voice = 'AWS.Polly.Joanna';
const tens = (count: number): string => '0123456789'.repeat(count);
const typesTold = ({ plugin }: Pick<Stage, 'plugin'>): readonly string[] =>
  plugin.told.map(({ type }) => type);
const lastTold = ({ plugin }: Pick<Stage, 'plugin'>): Readonly<Record<string, unknown>> => {
  const last = plugin.told.at(-1) ?? assert.fail('nothing was told');
  return { type: last.type, ...last.payload };
};
const wordsTold = ({ plugin }: Pick<Stage, 'plugin'>): readonly unknown[] =>
  plugin.told
    .filter(({ type }) => type === 'call.transcription')
    .map(({ payload }) => (payload['transcription_data'] as { transcript: string }).transcript);

describe('a call we place', () => {
  it('is initiated, rings silently and is answered', async (test) => {
    const there = await callThem(test, new Person().answersAfter(4_000), {}, { client_state: 'Y2FsbC0x' });
    await there.step(() => there.call.isAnswered);
    await there.step(0);
    const [initiated, answered] = there.plugin.told;
    assert.deepEqual(
      ['direction', 'state', 'from', 'to', 'client_state'].map((name) => initiated?.payload[name]),
      ['outgoing', 'bridging', OURS, ALICE, 'Y2FsbC0x'],
    );
    assert.deepEqual([answered?.type, answered?.payload['state']], ['call.answered', 'answered']);
    assert.equal((there.call.answeredAt ?? 0) - there.call.createdAt, 200 + 300 + 4_000);
    assert.equal(answered?.payload['direction'], undefined, 'only call.initiated names the direction');
  });

  const endings: readonly (readonly [string, Person, object, readonly unknown[]])[] = [
    ['busy', new Person().busy(), {}, ['user_busy', 'callee', '486']],
    ['declined', new Person().rejects(), {}, ['call_rejected', 'callee', '603']],
    ['nowhere', new Person().fails(), {}, ['not_found', 'unknown', '404']],
    ['unanswered', new Person().noAnswer(), { timeout_secs: 7 }, ['timeout', 'unknown', '487']],
    ['too long', new Person(), { time_limit_secs: 30 }, ['time_limit', 'unknown', '200']],
    [
      'hung up by the person',
      new Person().hangsUp({ afterMs: 100 }),
      {},
      ['normal_clearing', 'callee', '200'],
    ],
  ];
  for (const [what, person, order, expected] of endings) {
    it(`that is ${what} ends so`, async (test) => {
      const there = await callThem(test, person, {}, order);
      await there.step(() => !there.call.isAlive);
      await there.step(0);
      const { type, hangup_cause, hangup_source, sip_hangup_cause, state } = lastTold(there);
      assert.deepEqual([type, state], ['call.hangup', 'hangup']);
      assert.deepEqual([hangup_cause, hangup_source, sip_hangup_cause], expected);
      assert.equal(there.clock.pending, 0, 'no timer outlives the call');
      assert.deepEqual(there.twin.problems, []);
    });
  }

  it('that we give up is cancelled; that we leave is cleared', async (test) => {
    const ringing = await callThem(test, new Person().noAnswer());
    await ringing.step(2_000);
    await ringing.actions.hangup(ringing.call.id, {});
    await ringing.step(0);
    assert.deepEqual(
      [ringing.call.end?.cause, lastTold(ringing)['hangup_source']],
      ['originator_cancel', 'caller'],
    );
    const talking = await inCall(test, new Person());
    await talking.actions.hangup(talking.call.id, {});
    assert.deepEqual([talking.call.end?.cause, talking.call.end?.by], ['normal_clearing', 'plugin']);
  });
});

describe('a call that comes in', () => {
  async function offered(test: TestContext, person = new Person()): Promise<Scene> {
    const stage = await openStage(test);
    return scene(stage, stage.twin.dialIn({ from: ALICE, to: OURS, person }));
  }

  it('is parked: nothing happens until it is picked up', async (test) => {
    const there = await offered(test, new Person().says('Hello?', { over: true }));
    await there.step(60_000);
    assert.deepEqual(typesTold(there), ['call.initiated']);
    const { direction, state, client_state } = lastTold(there);
    assert.deepEqual([direction, state, client_state], ['incoming', 'parked', null]);
    await assert.rejects(there.actions.speak(there.call.id, { payload: 'Hi', voice }), /90034/);
    await there.actions.answer(there.call.id, { client_state: 'Y2FsbC0x' });
    await there.step(5_000);
    assert.deepEqual(
      [typesTold(there)[1], there.plugin.told[1]?.payload['client_state']],
      ['call.answered', 'Y2FsbC0x'],
    );
    assert.equal(there.call.said.length, 1, 'the person speaks once there is somebody');
    await assert.rejects(there.actions.answer(there.call.id, {}), /10015/);
  });

  it('is turned away, or hung up unanswered', async (test) => {
    for (const [cause, expected] of [
      ['CALL_REJECTED', 'call_rejected'],
      ['USER_BUSY', 'user_busy'],
    ] as const) {
      const there = await offered(test);
      await there.actions.reject(there.call.id, { cause });
      assert.equal(there.call.end?.cause, expected);
    }
    const there = await offered(test);
    await there.actions.hangup(there.call.id, {});
    await there.step(0);
    const { hangup_source, sip_hangup_cause } = lastTold(there);
    assert.deepEqual([hangup_source, sip_hangup_cause], ['callee', 'unspecified']);
  });

  it('is given up by a caller nobody answers', async (test) => {
    const there = await offered(test, new Person().givesUpAfter(9_000));
    await there.step(() => !there.call.isAlive);
    await there.step(0);
    assert.deepEqual(
      [there.call.end?.cause, lastTold(there)['hangup_source']],
      ['originator_cancel', 'caller'],
    );
    await assert.rejects(there.actions.answer(there.call.id, {}), /90018/);
  });

  it('reports to the address it was answered with from then on', async (test) => {
    const there = await offered(test);
    await there.step(0);
    await there.actions.answer(there.call.id, { webhook_url: `${there.plugin.origin}/other` });
    await there.step(0);
    assert.deepEqual(
      there.plugin.told.map(({ path }) => path),
      ['/voice', '/other'],
    );
  });
});

describe('speaking', () => {
  it('begins, takes as long as the text, ends and was heard', async (test) => {
    const there = await inCall(test, new Person());
    const { id } = there.call;
    await there.actions.speak(id, { payload: tens(2), voice });
    await there.actions.speak(id, { payload: 'Bye', voice, client_state: 'dTI=' });
    await there.step(2_000);
    assert.deepEqual(
      there.call.heard.map(({ text, from, to, cut }) => [text, to - from, cut]),
      [
        [tens(2), 1_300, false],
        ['Bye', 195, false],
      ],
    );
    assert.deepEqual(typesTold(there).slice(2), [
      'call.speak.started',
      'call.speak.ended',
      'call.speak.started',
      'call.speak.ended',
    ]);
    assert.deepEqual([lastTold(there)['status'], lastTold(there)['client_state']], ['completed', 'dTI=']);
  });

  it('is reported with the latest state of the call, whichever command brought it', async (test) => {
    const there = await inCall(test, new Person());
    await there.actions.speak(there.call.id, { payload: tens(1), voice, client_state: 'dTE=' });
    await there.actions.updateClientState(there.call.id, { client_state: 'dTI=' });
    await there.step(1_000);
    assert.equal(lastTold(there)['client_state'], 'dTI=');
  });

  it('in place of other words cuts them, and that end is none to count on', async (test) => {
    const there = await inCall(test, new Person());
    const { id } = there.call;
    await there.actions.speak(id, { payload: tens(4), voice, client_state: 'dTE=' });
    await there.actions.speak(id, { payload: 'never heard', voice });
    await there.step(650);
    await there.actions.speak(id, { payload: 'Stop', voice, stop: 'all', client_state: 'dTI=' });
    await there.step(0);
    const ended = there.plugin.told.find(({ type }) => type === 'call.speak.ended');
    assert.deepEqual([ended?.payload['status'], ended?.payload['client_state']], ['cancelled', 'dTI=']);
    await there.step(1_000);
    assert.deepEqual(
      there.call.heard.map(({ text, cut }) => [text, cut]),
      [
        [tens(1), true],
        ['Stop', false],
      ],
    );
  });

  it('in place of the current words goes on with the queue', async (test) => {
    const there = await inCall(test, new Person());
    for (const payload of [tens(4), 'next']) await there.actions.speak(there.call.id, { payload, voice });
    await there.step(650);
    await there.actions.speak(there.call.id, { payload: 'last', voice, stop: 'current' });
    await there.step(1_000);
    assert.deepEqual(
      there.call.heard.map(({ text }) => text),
      [tens(1), 'next', 'last'],
    );
  });

  it('is stopped by playback_stop, and by the end of the call', async (test) => {
    const there = await inCall(test, new Person());
    const say = (): Promise<unknown> => there.actions.speak(there.call.id, { payload: tens(4), voice });
    await say();
    await there.step(650);
    await there.actions.stopPlayback(there.call.id, {});
    await say();
    await there.step(1_300);
    await there.actions.hangup(there.call.id, {});
    await there.step(0);
    assert.deepEqual(
      there.call.heard.map(({ text, cut }) => [text, cut]),
      [
        [tens(1), true],
        [tens(2), true],
      ],
    );
    const ends = there.plugin.told.filter(({ type }) => type === 'call.speak.ended');
    assert.deepEqual(
      ends.map(({ payload }) => payload['status']),
      ['cancelled', 'call_hangup'],
    );
  });

  it('keys are heard as keys, and nobody is told', async (test) => {
    const there = await inCall(test, new Person());
    await there.actions.sendDtmf(there.call.id, { digits: '1w2#' });
    await there.step(2_000);
    assert.deepEqual(
      there.call.heard.map(({ kind, text, from, to }) => [kind, text, to - from]),
      [['digits', '1w2#', 1_250]],
    );
    assert.deepEqual(typesTold(there), ['call.initiated', 'call.answered']);
  });
});

describe('listening', () => {
  it('words are final once the person was quiet for a while', async (test) => {
    const there = await inCall(test, new Person().says('Yes please', { afterMs: 400, confidence: 0.91 }));
    await there.actions.startTranscription(there.call.id, { client_state: 'dDE=' });
    await there.step(400 + 650 + 699);
    assert.deepEqual(wordsTold(there), []);
    await there.step(1);
    assert.deepEqual(lastTold(there)['transcription_data'], {
      transcript: 'Yes please',
      confidence: 0.91,
      is_final: true,
      transcription_track: 'inbound',
    });
    assert.equal(lastTold(there)['client_state'], 'dDE=');
    assert.equal(there.call.said[0]?.caught, true);
  });

  it('words go unheard until it begins, and once it stops', async (test) => {
    const there = await inCall(test, new Person().says('Hello?', { afterMs: 0, over: true }));
    await there.step(200);
    await there.actions.startTranscription(there.call.id, {});
    await there.step(5_000);
    assert.deepEqual([wordsTold(there), there.call.said[0]?.caught], [[], false]);
    const stopped = await inCall(test, new Person().says('Hello?', { afterMs: 1_000, over: true }));
    await stopped.actions.startTranscription(stopped.call.id, {});
    await stopped.actions.stopTranscription(stopped.call.id, {});
    await stopped.step(5_000);
    assert.deepEqual(wordsTold(stopped), []);
  });

  it('a person who goes on is heard as one', async (test) => {
    const person = new Person().says('My name').says('is Bob', { afterMs: 600, over: true });
    const there = await inCall(test, person);
    await there.actions.startTranscription(there.call.id, {});
    await there.step(5_000);
    assert.deepEqual(wordsTold(there), ['My name is Bob']);
  });

  it('interim words come only when asked for', async (test) => {
    const there = await inCall(test, new Person().says('Yes'));
    await there.actions.startTranscription(there.call.id, {
      transcription_engine: 'Google',
      transcription_engine_config: { transcription_engine: 'Google', language: 'en', interim_results: true },
    });
    await there.step(5_000);
    const finals = there.plugin.told
      .filter(({ type }) => type === 'call.transcription')
      .map(({ payload }) => (payload['transcription_data'] as { is_final: boolean }).is_final);
    assert.deepEqual(finals, [false, true]);
  });

  it('twice is refused with 90054, and that does not bring a new state', async (test) => {
    const there = await inCall(test, new Person());
    await there.actions.startTranscription(there.call.id, { client_state: 'dDE=' });
    const again = there.actions.startTranscription(there.call.id, { client_state: 'dDI=' });
    await assert.rejects(again, /90054/);
    assert.equal(there.call.clientState, 'dDE=');
  });

  it('keys are told one by one, also while nobody listens', async (test) => {
    const there = await inCall(test, new Person().presses('1w2', { over: true }));
    await there.step(5_000);
    const keys = there.plugin.told.filter(({ type }) => type === 'call.dtmf.received');
    assert.deepEqual(
      keys.map(({ payload }) => payload['digit']),
      ['1', '2'],
    );
  });

  it('the person speaks in turn: once per transcription_start, when nothing is being said', async (test) => {
    const there = await inCall(test, new Person().says('One').says('Two'));
    const { id } = there.call;
    await there.actions.speak(id, { payload: tens(2), voice });
    await there.actions.startTranscription(id, {});
    await there.step(10_000);
    assert.equal((there.call.said[0]?.from ?? 0) - (there.call.heard[0]?.to ?? 0), 500);
    assert.equal(there.call.said.length, 1);
    await there.actions.speak(id, { payload: 'One moment.', voice });
    await there.step(10_000);
    assert.equal(there.call.said.length, 1, 'words nobody waits for an answer to are not answered');
    await assert.rejects(there.actions.startTranscription(id, {}), /90054/);
    await there.step(10_000);
    assert.deepEqual(wordsTold(there), ['One', 'Two']);
  });

  it('or after everything that is said, where the plugin begins to listen only once', async (test) => {
    const there = await inCall(test, new Person().says('One').says('Two'), { turnsBy: 'speech' });
    await there.actions.startTranscription(there.call.id, {});
    for (let round = 0; round < 2; round++) {
      await there.step(10_000);
      await there.actions.speak(there.call.id, { payload: 'Go on', voice });
    }
    await there.step(10_000);
    assert.deepEqual(wordsTold(there), ['One', 'Two']);
  });

  it('a person may speak over us, and we go on speaking', async (test) => {
    const there = await inCall(test, new Person().says('Wait!', { afterMs: 650, over: true }));
    await there.actions.startTranscription(there.call.id, {});
    await there.actions.speak(there.call.id, { payload: tens(4), voice });
    await there.step(10_000);
    assert.deepEqual([wordsTold(there), there.call.heard[0]?.cut], [['Wait!'], false]);
  });
});

it('a story can be told of a call', async (test) => {
  const there = await inCall(test, new Person().says('Yes'));
  await there.actions.speak(there.call.id, { payload: 'Hello', voice });
  await there.step(1_000);
  const story = tell(there.call, there.twin.problems);
  for (const part of [
    '-- answered',
    'speak -> 200',
    'call.answered #1 -> 200',
    'hears "Hello"',
    'still alive',
  ]) {
    assert.ok(story.includes(part), `${part} in\n${story}`);
  }
});
