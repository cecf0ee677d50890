// story: a call is told in order, with the waits between word and answer.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { play } from '../play.ts';
import { Caller } from './caller.ts';
import { ALICE, OURS, openStage, twiml } from './stage.ts';
import { answerGaps, tell } from './story.ts';

it('tells a conversation and its waits', async (test) => {
  const { clock, twin, plugin } = await openStage(test);
  plugin.answers = ({ path }) =>
    path === '/voice'
      ? twiml('<Gather input="speech" speechTimeout="1" action="/a"><Say>Who is it?</Say></Gather>')
      : twiml('<Pause length="2"/><Say mood="good">Hello Bob</Say>');
  const person = new Caller().says('Bob').hangsUp({ afterMs: 3260 });
  const call = twin.dialIn({ from: ALICE, to: OURS, voiceUrl: `${plugin.origin}/voice`, person });
  await play(clock, twin, () => !call.isAlive);
  assert.deepEqual(answerGaps(call), [3000]);
  assert.deepEqual(tell(call, twin.problems).replaceAll(plugin.origin, '').split('\n'), [
    `inbound ${ALICE} -> ${OURS}`,
    '    0.000  -- ringing',
    '    0.000  -- in-progress',
    '    0.000  voice POST /voice -> 200',
    '    0.000  hears "Who is it?"',
    '    1.150  says "Bob"',
    '    2.350  action POST /a -> 200',
    '    2.350  PROBLEM 12200 <Say> has no attribute mood',
    '    4.350  hears "Hell" (cut)',
    '    4.610  -- completed',
    'ended by the person: the person hung up',
  ]);
});
