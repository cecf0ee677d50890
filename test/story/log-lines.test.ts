// Stories of the log: one line for each phase of a call and no other, numbers masked, nobody's words.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Caller } from '../../sim/twilio/caller.ts';
import { logLine } from '../../src/lib/log.ts';
import { ALICE, forAlice, GREETING } from './app-line.ts';
import { startTwilioLine, type TwilioLine } from './twilio-line.ts';

/** What is told at info of one call, without what belongs to its media streams. */
const linesOf = (line: TwilioLine, callId: string): string[] =>
  line.log.lines
    .filter(({ level, fields }) => level !== 'debug' && fields['callId'] === callId)
    .map(({ text, fields: { callId: _id, ...fields } }) => logLine(text, fields));

const talker = (): Caller =>
  new Caller().says('My code is 4711').says('And the weather?').hangsUp({ afterMs: 4_000 });

describe('The log of a call', () => {
  it('has one line for each phase of a call we place, and none for its turns', async (test) => {
    const line = await startTwilioLine(test);
    line.twin.expect(ALICE, talker());
    const { id } = await line.place('conversation');
    await line.toTheEnd();
    const [dialing, ringing, live, ended, ...more] = linesOf(line, id);
    assert.equal(dialing, 'call dialing to=+1********34 mode=conversation mostS=300');
    assert.equal(ringing, 'call ringing to=+1********34');
    assert.match(live ?? '', /^call live to=\+1\*{8}34 rangMs=\d+$/);
    assert.match(
      ended ?? '',
      /^call ended to=\+1\*{8}34 reason=completed cause="?CallStatus=completed.* lastedMs=\d{4,5} turns=2$/,
    );
    assert.deepEqual(more, []);
  });

  it('tells who hung up, and of a caller alike', async (test) => {
    const line = await startTwilioLine(test, { settings: forAlice });
    line.dialIn(new Caller().says('Hello'));
    await line.until(() => line.phone.list(1)[0]?.phase === 'live');
    const id = line.phone.list(1)[0]?.id ?? '';
    await line.until(5_000);
    const ending = line.phone.end(id, { sessionKey: null });
    await line.over();
    await ending;
    assert.deepEqual(
      linesOf(line, id).map((text) => /^call \w+ (?:from=\+1\*{8}34)/.exec(text)?.[0]),
      ['offered', 'live', 'ending', 'ended'].map((phase) => `call ${phase} from=+1********34`),
    );
    assert.match(linesOf(line, id)[2] ?? '', /reason=hangup-bot cause="asked to hang up"$/);
  });

  it('never has a number or a word in it', async (test) => {
    const line = await startTwilioLine(test, { settings: forAlice });
    line.twin.expect(ALICE, talker());
    await line.place('conversation');
    await line.toTheEnd();
    const all = line.log.lines.map(({ text, fields }) => logLine(text, fields)).join('\n');
    for (const secret of [ALICE, '5678', GREETING, '4711', 'weather', 'You said']) {
      assert.ok(!all.includes(secret), `${secret} in ${all}`);
    }
  });

  it('says once, at the start, what was decided', async (test) => {
    const line = await startTwilioLine(test, { settings: { ...forAlice, outbound: LIMITS } });
    const ready = line.log.lines.filter(({ text }) => text === 'voice call is ready');
    assert.deepEqual(
      ready.map(({ fields: { port: _port, ...fields } }) => fields),
      [
        {
          carrier: 'twilio',
          number: '+1********78',
          model: undefined,
          hears: 'carrier',
          speaks: 'carrier',
          inbound: 'allowlist(1)',
          outbound24h: '50 calls, any min',
          longestS: 300,
          atOnce: '1 out, 8 in',
          keptDays: 'all',
          url: 'https://voice.example.test/voice/webhook',
          urlBy: 'publicUrl',
        },
      ],
    );
  });
});

const LIMITS = {
  maxCallsPerDay: 50,
  maxMinutesPerDay: null,
  allowEmergencyNumbers: false,
  allowPremiumNumbers: false,
};
