// Line: each verb on the clock, with a person at the other end.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { play } from '../play.ts';
import type { TwinCall } from './call.ts';
import { Caller } from './caller.ts';
import type { TwinOptions } from './settings.ts';
import { ALICE, type Answers, OURS, openStage, type Stage, twiml } from './stage.ts';

interface Scene extends Stage {
  readonly call: TwinCall;
  readonly person: Caller;
}

/** A person calls in; `verbs` (or whatever the plugin answers) is what the line does until the call is over. */
async function ring(
  test: TestContext,
  person: Caller,
  verbs: string | Answers,
  options: Partial<TwinOptions> = {},
): Promise<Scene> {
  const stage = await openStage(test, options);
  stage.plugin.answers = typeof verbs === 'string' ? () => twiml(verbs) : verbs;
  const call = stage.twin.dialIn({ from: ALICE, to: OURS, voiceUrl: `${stage.plugin.origin}/voice`, person });
  return { ...stage, call, person };
}

async function wholeCall(...scene: Parameters<typeof ring>): Promise<Scene> {
  const running = await ring(...scene);
  await play(running.clock, running.twin, () => !running.call.isAlive);
  assert.equal(running.clock.pending, 0, 'no timer outlives the call');
  return running;
}

/** Answers `/voice` with the verbs and everything else with a hang-up. */
function once(verbs: string): Answers {
  return ({ path }) => twiml(path === '/voice' ? verbs : '<Hangup/>');
}

const texts = (call: TwinCall): readonly string[] => call.heard.map(({ text }) => text);
const secondsAlive = (call: TwinCall): number => ((call.end?.at ?? 0) - call.createdAt) / 1000;

describe('speaking and waiting', () => {
  it('Say takes as long as its text, and the end of the document hangs up', async (test) => {
    const { call, twin } = await wholeCall(test, new Caller(), '<Say>Hello there</Say><Say>Bye</Say>');
    assert.deepEqual(
      call.heard.map(({ text, from, to, cut }) => [text, from - call.createdAt, to - call.createdAt, cut]),
      [
        ['Hello there', 0, 715, false],
        ['Bye', 715, 910, false],
      ],
    );
    assert.deepEqual(
      [call.status, call.end?.by, call.end?.why],
      ['completed', 'plugin', 'the TwiML document ended'],
    );
    assert.deepEqual(twin.problems, []);
  });

  it('an empty document answers and hangs up', async (test) => {
    const { call } = await wholeCall(test, new Caller(), '');
    assert.deepEqual(
      call.states.map(({ status }) => status),
      ['ringing', 'in-progress', 'completed'],
    );
  });

  it('loop repeats', async (test) => {
    const { call } = await wholeCall(test, new Caller(), '<Say loop="3">Hi</Say>');
    assert.deepEqual(texts(call), ['Hi', 'Hi', 'Hi']);
  });

  it('Pause lasts one second unless told otherwise', async (test) => {
    const { call } = await wholeCall(test, new Caller(), '<Pause/><Pause length="4"/>');
    assert.equal(secondsAlive(call), 5);
  });

  it('Play sends keys with their pauses', async (test) => {
    const { call } = await wholeCall(test, new Caller(), '<Play digits="1w2"/>');
    assert.deepEqual(
      call.heard.map(({ kind, text }) => [kind, text]),
      [['digits', '1w2']],
    );
    assert.equal(secondsAlive(call), 1);
  });

  it('Play fetches a file and lasts as long as it; a missing one is a problem and is skipped', async (test) => {
    const wav = Buffer.alloc(44 + 12_000);
    wav.write('RIFF');
    wav.writeUInt32LE(8000, 28);
    const { call, twin, plugin } = await wholeCall(test, new Caller(), ({ path }) => {
      if (path === '/hello.wav') return { type: 'audio/wav', body: wav };
      if (path === '/voice') return twiml('<Play>/hello.wav</Play><Play>/gone.wav</Play><Say>Bye</Say>');
      return { status: 404 };
    });
    assert.deepEqual(texts(call), [`${plugin.origin}/hello.wav`, 'Bye']);
    assert.equal(secondsAlive(call), 1.695);
    assert.deepEqual(
      twin.problems.map(({ code }) => code),
      [11200],
    );
  });

  it('nothing after Hangup is run', async (test) => {
    const { call } = await wholeCall(test, new Caller(), '<Say>One</Say><Hangup/><Say>Two</Say>');
    assert.deepEqual(texts(call), ['One']);
    assert.equal(call.end?.why, '<Hangup>');
  });

  it('a person who hangs up hears only the beginning', async (test) => {
    const person = new Caller().hangsUp({ afterMs: 650 });
    const { call } = await wholeCall(test, person, `<Say>${'0123456789'.repeat(4)}</Say>`);
    assert.deepEqual(
      call.heard.map(({ text, cut }) => [text, cut]),
      [['0123456789', true]],
    );
    assert.deepEqual([call.status, call.end?.by], ['completed', 'person']);
    assert.equal(person.heard.length, 1);
  });
});

describe('Gather', () => {
  it('sends what was said, once the person was quiet for speechTimeout', async (test) => {
    const person = new Caller().says('Yes please', { afterMs: 400, confidence: 0.91 });
    const scene = await wholeCall(
      test,
      person,
      once('<Gather input="speech" speechTimeout="2" action="/heard"/>'),
    );
    const answer = scene.plugin.questions[1];
    assert.equal(answer?.path, '/heard');
    assert.deepEqual(
      ['SpeechResult', 'Confidence', 'Digits', 'CallStatus'].map((name) => answer?.params[name]),
      ['Yes please', '0.91', undefined, 'in-progress'],
    );
    assert.equal(secondsAlive(scene.call), 0.4 + 0.65 + 2);
    assert.deepEqual(
      scene.call.said.map(({ text, caught }) => [text, caught]),
      [['Yes please', true]],
    );
  });

  it('speechTimeout="auto" ends sooner, and an absent one is the timeout', async (test) => {
    const person = (): Caller => new Caller().says('0123456789', { afterMs: 0 });
    const auto = await wholeCall(
      test,
      person(),
      once('<Gather input="speech" speechTimeout="auto" action="/a"/>'),
    );
    assert.equal(secondsAlive(auto.call), 0.65 + 1);
    const absent = await wholeCall(test, person(), once('<Gather input="speech" timeout="3" action="/a"/>'));
    assert.equal(secondsAlive(absent.call), 0.65 + 3);
  });

  it('hears a person who goes on as one utterance', async (test) => {
    const person = new Caller().says('My name').says('is Bob', { afterMs: 600, over: true });
    const scene = await wholeCall(
      test,
      person,
      once('<Gather input="speech" speechTimeout="1" action="/a"/>'),
    );
    assert.equal(scene.plugin.questions[1]?.params['SpeechResult'], 'My name is Bob');
  });

  it('falls through in silence, five seconds after its prompts', async (test) => {
    const { call, plugin } = await wholeCall(
      test,
      new Caller(),
      once(
        '<Gather input="speech" action="/a"><Say>0123456789</Say><Pause/></Gather><Say>Nobody</Say><Hangup/>',
      ),
    );
    assert.deepEqual(texts(call), ['0123456789', 'Nobody']);
    assert.equal((call.heard[1]?.from ?? 0) - call.createdAt, 650 + 1000 + 5000);
    assert.equal(plugin.questions.length, 1);
  });

  it('asks anyway with actionOnEmptyResult', async (test) => {
    const verbs = '<Gather timeout="2" action="/a" actionOnEmptyResult="true"/>';
    const { plugin } = await wholeCall(test, new Caller(), once(verbs));
    assert.deepEqual([plugin.questions[1]?.path, plugin.questions[1]?.params['Digits']], ['/a', '']);
  });

  it('silence for one listening, words in the next', async (test) => {
    const person = new Caller().staysSilent().says('Here I am');
    const verbs =
      '<Gather input="speech" timeout="2" action="/a"/><Gather input="speech" timeout="2" action="/b"/>';
    const { plugin } = await wholeCall(test, person, once(verbs));
    assert.deepEqual(
      plugin.questions.map(({ path }) => path),
      ['/voice', '/b'],
    );
  });

  it('takes keys up to finishOnKey, which is not sent', async (test) => {
    const { plugin } = await wholeCall(test, new Caller().presses('12#'), once('<Gather action="/a"/>'));
    assert.equal(plugin.questions[1]?.params['Digits'], '12');
  });

  it('takes numDigits keys, and the rest is lost', async (test) => {
    const verbs = '<Gather numDigits="2" finishOnKey="" action="/a"/>';
    const { plugin, call } = await wholeCall(test, new Caller().presses('#234'), ({ path }) =>
      twiml(path === '/voice' ? verbs : '<Pause length="3"/>'),
    );
    assert.equal(plugin.questions[1]?.params['Digits'], '#2');
    assert.equal(call.said[0]?.caught, false);
  });

  it('waits the timeout after the last key', async (test) => {
    const { plugin, call } = await wholeCall(
      test,
      new Caller().presses('7', { afterMs: 1000 }),
      once('<Gather timeout="4" action="/a"/>'),
    );
    assert.equal(plugin.questions[1]?.params['Digits'], '7');
    assert.equal(secondsAlive(call), 5);
  });

  it('does not hear speech when it takes keys only, nor keys when it takes speech only', async (test) => {
    const speaker = await wholeCall(test, new Caller().says('Hello?'), once('<Gather action="/a"/>'));
    assert.equal(speaker.plugin.questions.length, 1);
    assert.equal(speaker.call.said[0]?.caught, false);
    const presser = await wholeCall(
      test,
      new Caller().presses('1'),
      once('<Gather input="speech" action="/a"/>'),
    );
    assert.equal(presser.plugin.questions.length, 1);
  });

  it('a key stops the prompt', async (test) => {
    const person = new Caller().presses('1#', { afterMs: 650, over: true });
    const verbs = `<Gather action="/a"><Say>${'0123456789'.repeat(9)}</Say><Say>More</Say></Gather>`;
    const { call, plugin } = await wholeCall(test, person, once(verbs));
    assert.deepEqual(
      call.heard.map(({ text, cut }) => [text, cut]),
      [['0123456789', true]],
    );
    assert.equal(plugin.questions[1]?.params['Digits'], '1');
  });

  const menu = `<Gather input="speech" speechTimeout="1" action="/a"><Say>${'0123456789'.repeat(3)}</Say></Gather>`;
  const barging = (): Caller => new Caller().says('one two three four', { afterMs: 650, over: true });

  it('speech over the prompt interrupts it', async (test) => {
    const { call, plugin } = await wholeCall(test, barging(), once(menu));
    assert.deepEqual(
      call.heard.map(({ text, cut }) => [text, cut]),
      [['0123456789', true]],
    );
    assert.equal(plugin.questions[1]?.params['SpeechResult'], 'one two three four');
  });

  it('who spoke over the prompt waits for the next listening with the next sentence', async (test) => {
    const person = barging().says('and more', { afterMs: 0 });
    const { plugin } = await wholeCall(test, person, ({ path }) =>
      twiml(path === '/voice' ? menu : '<Gather input="speech" speechTimeout="1" action="/b"/>'),
    );
    const results = plugin.questions.map(({ params }) => params['SpeechResult']);
    assert.deepEqual(results, [undefined, 'one two three four', 'and more']);
  });

  it('where it may not, only what is left of it after the prompt is heard', async (test) => {
    for (const [verbs, options] of [
      [menu, { speechBargeIn: false }],
      [menu.replace('<Gather', '<Gather bargeIn="false"'), {}],
    ] as const) {
      const person = new Caller().says('one two three four', { afterMs: 1365, over: true });
      const { call, plugin } = await wholeCall(test, person, once(verbs), options);
      assert.deepEqual(
        call.heard.map(({ cut }) => cut),
        [false],
      );
      assert.equal(plugin.questions[1]?.params['SpeechResult'], 'three four');
    }
  });

  it('speech while nothing listens is lost', async (test) => {
    const person = new Caller().says('Hello', { afterMs: 0, over: true });
    const { call, plugin } = await wholeCall(test, person, '<Say>A long greeting to you</Say>');
    assert.deepEqual(
      call.said.map(({ caught }) => caught),
      [false],
    );
    assert.equal(plugin.questions.length, 1);
  });

  it('without an action asks the document’s own URL again', async (test) => {
    const { plugin } = await wholeCall(test, new Caller().presses('1#'), ({ params }) =>
      twiml(params['Digits'] === undefined ? '<Gather/>' : '<Hangup/>'),
    );
    assert.deepEqual(
      plugin.questions.map(({ path }) => path),
      ['/voice', '/voice'],
    );
  });

  it('tells half of an utterance to partialResultCallback', async (test) => {
    const verbs = '<Gather input="speech" speechTimeout="1" action="/a" partialResultCallback="/part"/>';
    const { plugin } = await wholeCall(test, new Caller().says('one two three four'), once(verbs));
    const partial = plugin.questions.find(({ path }) => path === '/part');
    assert.equal(partial?.params['UnstableSpeechResult'], 'one two');
  });
});

describe('a person who decides', () => {
  it('holds a conversation, hearing what was said since the last answer', async (test) => {
    const asked: string[] = [];
    const person = new Caller().decides((heard) => {
      asked.push(heard);
      if (heard.includes('name')) return 'Bob';
      return heard.includes('Bye') ? { hangsUp: true } : null;
    });
    const listen = '<Gather input="speech" timeout="2" speechTimeout="1" action="/turn"/>';
    const { call } = await wholeCall(test, person, ({ params }) =>
      twiml(
        params['SpeechResult'] === undefined
          ? `<Say>Hi.</Say>${listen}<Say>Your name?</Say>${listen}`
          : `<Say>Hello ${params['SpeechResult']}. Bye!</Say>${listen}`,
      ),
    );
    assert.deepEqual(asked, ['Hi.', 'Your name?', 'Hello Bob. Bye!']);
    assert.equal(call.end?.by, 'person');
  });
});

describe('going elsewhere', () => {
  it('Redirect fetches a URL relative to the document, and nothing after it runs', async (test) => {
    const { call, plugin } = await wholeCall(test, new Caller(), ({ path }) =>
      twiml(
        path === '/voice' ? '<Redirect method="GET">next?n=1</Redirect><Say>Never</Say>' : '<Say>Next</Say>',
      ),
    );
    assert.deepEqual(texts(call), ['Next']);
    assert.equal(plugin.questions[1]?.method, 'GET');
    assert.match(plugin.questions[1]?.url ?? '', /^\/next\?n=1&CallSid=/);
  });

  it('documents that chase each other without pause are an application error', async (test) => {
    const { call } = await wholeCall(test, new Caller(), '<Redirect>/voice</Redirect>');
    assert.equal(call.end?.code, 12400);
  });

  it('Reject as the first verb never answers', async (test) => {
    const busy = await wholeCall(test, new Caller(), '<Reject reason="busy"/>');
    assert.deepEqual(
      busy.call.states.map(({ status }) => status),
      ['ringing', 'busy'],
    );
    const rejected = await wholeCall(test, new Caller(), '<Reject/>');
    assert.deepEqual([rejected.call.status, rejected.call.durationS], ['no-answer', 0]);
  });

  it('Reject of an answered call is noted and hangs up', async (test) => {
    const { call, twin } = await wholeCall(test, new Caller(), '<Say>Hi</Say><Reject/>');
    assert.deepEqual([call.status, twin.problems.length], ['completed', 1]);
  });

  it('a stream that only listens is refused with a problem, and the call ends', async (test) => {
    const verbs = '<Start><Stream url="wss://voice.example.test/s"/></Start><Say>After</Say>';
    const { call, twin } = await wholeCall(test, new Caller(), verbs);
    assert.deepEqual(
      twin.problems.map(({ code, text }) => [code, text]),
      [['not-simulated', '<Start><Stream> is not simulated by this twin']],
    );
    assert.deepEqual(texts(call), []);
  });

  it('unknown verbs and attributes are noted, and the rest runs', async (test) => {
    const { call, twin } = await wholeCall(test, new Caller(), '<Speak>No</Speak><Say pitch="1">Yes</Say>');
    assert.deepEqual(texts(call), ['Yes']);
    assert.deepEqual(
      twin.problems.map(({ code }) => code),
      [12200, 12200],
    );
  });
});

describe('a line that breaks', () => {
  const sorry = 'We are sorry, an application error has occurred. Goodbye.';

  for (const [what, answer, code] of [
    ['a server error', { status: 500 }, 11200],
    ['invalid XML', { body: '<Response><Say>' }, 12100],
    ['another content type', { type: 'text/plain', body: 'hello' }, 12300],
    ['an empty body', { body: '' }, 12100],
  ] as const) {
    it(`${what} drops the call with an apology and ${code}`, async (test) => {
      const { call, twin } = await wholeCall(test, new Caller(), () => answer);
      assert.deepEqual(texts(call), [sorry]);
      assert.deepEqual([call.end?.by, call.end?.code], ['carrier', code]);
      assert.deepEqual(
        twin.problems.map((problem) => problem.code),
        [code],
      );
    });
  }

  it('an action in inline TwiML must be absolute', async (test) => {
    const { sdk, twin, clock } = await openStage(test);
    twin.person = new Caller().presses('1#');
    const made = await sdk.calls.create({ to: ALICE, from: OURS, twiml: twiml('<Gather action="/a"/>') });
    await play(clock, twin, () => twin.liveCalls().length === 0);
    assert.equal(twin.call(made.sid)?.end?.code, 11100);
  });

  it('a plugin that answers after 15 s is too late', async (test) => {
    const scene = await ring(test, new Caller(), () => new Promise(() => undefined));
    await play(scene.clock, scene.twin, 14_999);
    assert.equal(scene.call.status, 'ringing');
    await play(scene.clock, scene.twin, () => !scene.call.isAlive);
    assert.equal(scene.call.end?.code, 11200);
    assert.match(scene.call.hooks[0]?.failure ?? '', /no answer within 15000 ms/);
  });

  it('the fallback URL is asked with the error', async (test) => {
    const stage = await openStage(test);
    const { clock, twin, plugin } = stage;
    plugin.answers = ({ path }) => (path === '/voice' ? { status: 502 } : twiml('<Say>Fallback</Say>'));
    const urls = { voiceUrl: `${plugin.origin}/voice`, fallbackUrl: `${plugin.origin}/fallback` };
    const call = twin.dialIn({ from: ALICE, to: OURS, ...urls, person: new Caller() });
    await play(clock, twin, () => !call.isAlive);
    assert.deepEqual(texts(call), ['Fallback']);
    assert.equal(plugin.questions[1]?.params['ErrorCode'], '11200');
    assert.equal(plugin.questions[1]?.params['ErrorUrl'], urls.voiceUrl);
  });

  it('a caller gives up on a line that never answers', async (test) => {
    const person = new Caller().givesUpAfter(8000);
    const scene = await ring(test, person, () => new Promise(() => undefined));
    await play(scene.clock, scene.twin, () => !scene.call.isAlive);
    assert.deepEqual([scene.call.status, scene.call.end?.by], ['canceled', 'person']);
  });
});
