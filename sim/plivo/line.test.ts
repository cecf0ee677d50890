// Line: each element on the clock, with a person at the other end.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { play } from '../play.ts';
import type { PlivoCall } from './call.ts';
import { Person } from './person.ts';
import type { TwinOptions } from './settings.ts';
import { ALICE, type Answers, OURS, openStage, plivoXml, type Stage } from './stage.ts';

interface Scene extends Stage {
  readonly call: PlivoCall;
  readonly person: Person;
}

/** A person calls in; `elements` (or whatever the plugin answers) is what the line does until the call is over. */
async function ring(
  test: TestContext,
  person: Person,
  elements: string | Answers,
  options: Partial<TwinOptions> = {},
): Promise<Scene> {
  const stage = await openStage(test, options);
  stage.plugin.answers = typeof elements === 'string' ? () => plivoXml(elements) : elements;
  const { origin } = stage.plugin;
  const urls = { answerUrl: `${origin}/answer`, hangupUrl: `${origin}/hangup` };
  const call = stage.twin.dialIn({ from: ALICE, to: OURS, ...urls, person });
  return { ...stage, call, person };
}

async function wholeCall(...scene: Parameters<typeof ring>): Promise<Scene> {
  const running = await ring(...scene);
  await play(running.clock, running.twin, () => !running.call.isAlive);
  await running.twin.idle();
  assert.equal(running.clock.pending, 0, 'no timer outlives the call');
  return running;
}

/** Answers `/answer` with the elements and everything else with a hang-up. */
function once(make: (origin: string) => string): Answers {
  return ({ path, headers }) =>
    plivoXml(path === '/answer' ? make(`http://${headers.host ?? ''}`) : '<Hangup/>');
}

const texts = (call: PlivoCall): readonly string[] => call.heard.map(({ text }) => text);
const secondsAlive = (call: PlivoCall): number => ((call.end?.at ?? 0) - call.createdAt) / 1000;
const statuses = (call: PlivoCall): readonly string[] => call.states.map(({ status }) => status);

describe('speaking and waiting', () => {
  it('Speak takes as long as its text, and the end of the document hangs up with 4010', async (test) => {
    const { call, twin, plugin } = await wholeCall(
      test,
      new Person(),
      '<Speak>Hello there</Speak><Speak>Bye</Speak>',
    );
    assert.deepEqual(
      call.heard.map(({ text, from, to, cut }) => [text, from - call.createdAt, to - call.createdAt, cut]),
      [
        ['Hello there', 0, 715, false],
        ['Bye', 715, 910, false],
      ],
    );
    assert.deepEqual(statuses(call), ['ringing', 'in-progress', 'completed']);
    assert.equal(call.end?.cause.code, 4010);
    const [, notice] = plugin.questions;
    assert.deepEqual(
      ['Event', 'CallStatus', 'HangupCauseCode', 'Direction', 'From', 'To'].map(
        (name) => notice?.params[name],
      ),
      ['Hangup', 'completed', '4010', 'inbound', '15550001234', '15550005678'],
    );
    assert.deepEqual(twin.problems, []);
  });

  it('the first request is a StartApp of a ringing call, without a word about requests', async (test) => {
    const { plugin } = await wholeCall(test, new Person(), '');
    const [question] = plugin.questions;
    assert.deepEqual(
      ['Event', 'CallStatus', 'RequestUUID'].map((name) => question?.params[name]),
      ['StartApp', 'ringing', undefined],
    );
  });

  it('loop repeats, Wait lasts a second unless told otherwise, and Play has its length', async (test) => {
    const { call } = await wholeCall(
      test,
      new Person(),
      '<Speak loop="2">Hi</Speak><Wait/><Wait length="4"/><Play>https://voice.example.test/a.mp3</Play>',
    );
    assert.deepEqual(texts(call), ['Hi', 'Hi', 'https://voice.example.test/a.mp3']);
    assert.equal(secondsAlive(call), 0.26 + 5 + 2);
  });

  it('DTMF goes on at once unless it is not asynchronous', async (test) => {
    const both = '<DTMF>1w2</DTMF><Speak>One</Speak><DTMF async="false">3W4</DTMF><Speak>Two</Speak>';
    const { call } = await wholeCall(test, new Person(), both);
    assert.deepEqual(
      call.heard.map(({ kind, text, from }) => [kind, text, from - call.createdAt]),
      [
        ['say', 'One', 0],
        ['digits', '1w2', 0],
        ['digits', '3W4', 195],
        ['say', 'Two', 195 + 1500],
      ],
    );
  });

  it('a person who hangs up hears only the beginning', async (test) => {
    const person = new Person().hangsUp({ afterMs: 650 });
    const { call } = await wholeCall(test, person, `<Speak>${'0123456789'.repeat(4)}</Speak>`);
    assert.deepEqual(
      call.heard.map(({ text, cut }) => [text, cut]),
      [['0123456789', true]],
    );
    assert.deepEqual([call.end?.by, call.end?.cause.source], ['person', 'Caller']);
    assert.equal(person.heard.length, 1);
  });
});

describe('GetInput', () => {
  it('sends what was said, once the person was quiet for speechEndTimeout', async (test) => {
    const person = new Person().says('Yes please', { afterMs: 400, confidence: 0.91 });
    const { plugin, call, twin } = await wholeCall(
      test,
      person,
      once((at) => `<GetInput inputType="speech" speechEndTimeout="2" action="${at}/heard"/>`),
    );
    const answer = plugin.questions[1];
    assert.equal(answer?.path, '/heard');
    assert.deepEqual(
      ['InputType', 'Speech', 'Digits', 'SpeechConfidenceScore', 'CallStatus'].map(
        (name) => answer?.params[name],
      ),
      ['speech', 'Yes please', '', '0.91', 'in-progress'],
    );
    assert.equal(secondsAlive(call), 0.4 + 0.65 + 2);
    assert.deepEqual(twin.problems, []);
  });

  it('goes on to the next element in silence, executionTimeout after its prompts', async (test) => {
    const { call, plugin } = await wholeCall(
      test,
      new Person(),
      once(
        (at) =>
          `<GetInput inputType="dtmf speech" executionTimeout="5" action="${at}/a"><Speak>0123456789</Speak></GetInput><Speak>Nobody</Speak>`,
      ),
    );
    assert.deepEqual(texts(call), ['0123456789', 'Nobody']);
    assert.equal((call.heard[1]?.from ?? 0) - call.createdAt, 650 + 5000);
    assert.deepEqual(
      plugin.questions.map(({ path }) => path),
      ['/answer', '/hangup'],
    );
  });

  it('takes what was said until executionTimeout of a person who goes on talking', async (test) => {
    const long = Array.from({ length: 40 }, (_, at) => `word${10 + at}`).join(' ');
    const { plugin } = await wholeCall(
      test,
      new Person().says(long, { afterMs: 0 }),
      once((at) => `<GetInput inputType="speech" executionTimeout="5" action="${at}/a"/>`),
    );
    const speech = plugin.questions[1]?.params['Speech'] ?? '';
    assert.ok(long.startsWith(speech) && speech.length > 40 && speech.length < long.length, speech);
  });

  it('takes keys up to finishOnKey, which is not sent, or to the pause, or to numDigits', async (test) => {
    const digits = async (keys: string, attributes: string): Promise<string | undefined> => {
      const person = new Person().presses(keys, { afterMs: 0 });
      const { plugin } = await wholeCall(
        test,
        person,
        once((at) => `<GetInput inputType="dtmf" action="${at}/a" ${attributes}/>`),
      );
      return plugin.questions[1]?.params['Digits'];
    };
    assert.equal(await digits('12#', ''), '12');
    assert.equal(await digits('12', 'digitEndTimeout="2"'), '12');
    assert.equal(await digits('1234', 'numDigits="2"'), '12');
    assert.equal(await digits('#1', 'finishOnKey="none" numDigits="2"'), '#1');
  });

  it('what is detected first is the input', async (test) => {
    const person = new Person().presses('1', { afterMs: 0 }).says('no', { over: true, afterMs: 0 });
    const { plugin, call } = await wholeCall(
      test,
      person,
      once((at) => `<GetInput inputType="dtmf speech" action="${at}/a"/>`),
    );
    assert.deepEqual(
      ['InputType', 'Digits', 'Speech'].map((name) => plugin.questions[1]?.params[name]),
      ['dtmf', '1', ''],
    );
    assert.deepEqual(
      call.said.map(({ caught }) => caught),
      [true, false],
    );
  });

  const prompt = (at: string): string =>
    `<GetInput inputType="dtmf speech" speechEndTimeout="2" action="${at}/a"><Speak>${'0123456789'.repeat(3)}</Speak></GetInput>`;

  it('keys stop the prompt, speech does unless set up otherwise', async (test) => {
    const pressing = await wholeCall(
      test,
      new Person().presses('1#', { afterMs: 650, over: true }),
      once(prompt),
    );
    assert.deepEqual(texts(pressing.call), ['0123456789']);
    const words = (): Person => new Person().says('one two three four', { afterMs: 650, over: true });
    const barging = await wholeCall(test, words(), once(prompt));
    assert.deepEqual(texts(barging.call), ['0123456789']);
    assert.equal(barging.plugin.questions[1]?.params['Speech'], 'one two three four');
    const polite = await wholeCall(test, words(), once(prompt), { speechBargeIn: false });
    assert.deepEqual(texts(polite.call), ['0123456789'.repeat(3)]);
  });

  it('who talks over the line does not begin to count again when it listens', async (test) => {
    const person = new Person().says('Hello', { afterMs: 1_000, over: true });
    const { call } = await wholeCall(
      test,
      person,
      once((at) => `<Speak>0123456789</Speak><GetInput inputType="speech" action="${at}/a"/>`),
    );
    assert.equal((call.said[0]?.from ?? 0) - call.createdAt, 1_000);
  });

  it('with redirect="false" the answer is ignored and the next element runs', async (test) => {
    const person = new Person().presses('1#');
    const { call, plugin, twin } = await wholeCall(test, person, ({ path, headers }) =>
      path === '/answer'
        ? plivoXml(
            `<GetInput inputType="dtmf" redirect="false" action="http://${headers.host ?? ''}/a"/><Speak>Next</Speak>`,
          )
        : { status: 500, body: 'not XML' },
    );
    assert.deepEqual(texts(call), ['Next']);
    assert.equal(plugin.questions[1]?.path, '/a');
    assert.deepEqual([call.end?.cause.code, twin.problems], [4010, []]);
  });

  it('ranges Plivo does not allow are problems', async (test) => {
    const bad =
      'executionTimeout="4" digitEndTimeout="1" speechEndTimeout="11" numDigits="33" language="english" timeout="5"';
    const { twin } = await wholeCall(
      test,
      new Person(),
      once((at) => `<GetInput inputType="dtmf" action="${at}/a" ${bad}/><GetInput/>`),
    );
    assert.deepEqual(
      twin.problems.map(({ text }) => text),
      [
        '<GetInput> executionTimeout="4" is not allowed',
        '<GetInput> digitEndTimeout="1" is not allowed',
        '<GetInput> speechEndTimeout="11" is not allowed',
        '<GetInput> numDigits="33" is not allowed',
        '<GetInput> language="english" is not allowed',
        '<GetInput> has no attribute timeout',
        '<GetInput> needs an action',
        '<GetInput> needs an inputType',
      ],
    );
  });
});

describe('going elsewhere and leaving', () => {
  it('Redirect fetches the next document, and nothing behind it runs', async (test) => {
    const { call, plugin } = await wholeCall(test, new Person(), ({ path, headers }) =>
      path === '/answer'
        ? plivoXml(`<Redirect>http://${headers.host ?? ''}/next</Redirect><Speak>Never</Speak>`)
        : plivoXml('<Speak>There</Speak>'),
    );
    assert.deepEqual(texts(call), ['There']);
    assert.equal(plugin.questions[1]?.params['Event'], undefined);
  });

  it('an inbound call that is redirected or waits still rings', async (test) => {
    const { plugin, call } = await wholeCall(test, new Person(), ({ path, headers }) =>
      path === '/answer'
        ? plivoXml(`<Wait length="2"/><Redirect>http://${headers.host ?? ''}/next</Redirect>`)
        : plivoXml('<Speak>Hi</Speak>'),
    );
    assert.equal(plugin.questions[1]?.params['CallStatus'], 'ringing');
    assert.equal((call.answeredAt ?? 0) - call.createdAt, 2000);
  });

  it('documents that redirect to themselves without pause end the call', async (test) => {
    const { call } = await wholeCall(test, new Person(), ({ headers }) =>
      plivoXml(`<Redirect>http://${headers.host ?? ''}/again</Redirect>`),
    );
    assert.equal(call.end?.cause.code, 2060);
  });

  it('Hangup with a reason turns a ringing call away, without one it picks up and leaves', async (test) => {
    const rejected = await wholeCall(test, new Person(), '<Hangup reason="rejected"/>');
    assert.deepEqual(statuses(rejected.call), ['ringing', 'failed']);
    assert.deepEqual([rejected.call.end?.cause.code, rejected.call.durationS], [3020, 0]);
    const busy = await wholeCall(test, new Person(), '<Hangup reason="busy"/>');
    assert.deepEqual([busy.call.status, busy.call.end?.cause.code], ['busy', 3010]);
    const plain = await wholeCall(test, new Person(), '<Hangup/>');
    assert.deepEqual(statuses(plain.call), ['ringing', 'in-progress', 'completed']);
    assert.equal(plain.call.end?.cause.code, 4000);
  });

  it('a scheduled Hangup lets the document go on', async (test) => {
    const { call } = await wholeCall(
      test,
      new Person(),
      '<Hangup schedule="3"/><Speak>Hi</Speak><Wait length="9"/>',
    );
    assert.deepEqual([texts(call), secondsAlive(call)], [['Hi'], 3]);
  });

  it('what the twin does not act out, and what Plivo does not have, is told', async (test) => {
    const { twin, call } = await wholeCall(
      test,
      new Person(),
      '<Say>Hi</Say><Speak voice="alice">A</Speak><Speak language="ja-JP">B</Speak><Dial><Number>1</Number></Dial>',
    );
    assert.deepEqual(
      twin.problems.map(({ text }) => text),
      [
        '<Say> is no element of Plivo',
        '<Speak> voice="alice" is not allowed',
        '<Speak> has no WOMAN for ja-JP',
        '<Dial> is not simulated by this twin',
      ],
    );
    assert.equal(call.isAlive, false);
  });
});

describe('documents that are none', () => {
  const failing = async (test: TestContext, answer: ReturnType<Answers>): Promise<Scene> =>
    wholeCall(test, new Person(), () => answer);

  it('no usable answer is 7011, an answer that is no document is 8011', async (test) => {
    const codes: number[] = [];
    for (const answer of [
      { status: 500 },
      { status: 302 },
      'not XML',
      '',
      '<Answer/>',
      { type: 'text/html', body: plivoXml('') },
      plivoXml(`<Speak>${'x'.repeat(101_000)}</Speak>`).slice(0, 50),
    ]) {
      const { call } = await failing(test, answer);
      codes.push(call.end?.cause.code ?? 0);
      assert.equal(call.status, 'failed');
    }
    assert.deepEqual(codes, [7011, 7011, 8011, 8011, 8011, 8011, 8011]);
  });

  it('redirects and actions have codes of their own', async (test) => {
    const { call } = await wholeCall(test, new Person(), ({ path, headers }) =>
      path === '/answer' ? plivoXml(`<Redirect>http://${headers.host ?? ''}/next</Redirect>`) : 'x',
    );
    assert.equal(call.end?.cause.code, 8014);
    const action = await wholeCall(test, new Person().presses('1#'), ({ path, headers }) =>
      path === '/answer'
        ? plivoXml(`<GetInput inputType="dtmf" action="http://${headers.host ?? ''}/a"/>`)
        : { status: 404 },
    );
    assert.equal(action.call.end?.cause.code, 7012);
  });

  it('a late document is a problem, one that never comes is asked for once more', async (test) => {
    const stage = await openStage(test);
    let asked = 0;
    stage.plugin.answers = () => new Promise(() => (asked += 1));
    const answerUrl = `${stage.plugin.origin}/answer`;
    const call = stage.twin.dialIn({ from: ALICE, to: OURS, answerUrl, person: new Person() });
    await play(stage.clock, stage.twin, () => !call.isAlive);
    assert.equal(asked, 2);
    assert.deepEqual([call.end?.cause.code, secondsAlive(call)], [7011, 55]);
    assert.deepEqual(
      stage.twin.problems.map(({ code }) => code),
      ['slow', 7011],
    );
  });
});
