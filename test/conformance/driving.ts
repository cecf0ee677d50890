// Driving: stories of somebody who drives a call: asks, speaks, presses keys, ends it.
import assert from 'node:assert/strict';
import { keysIn } from '../story/dialled-tones.ts';
import { type CarrierStage, GREETING } from './carrier-stage.ts';
import { endedAs, NOBODY, type Story, said, stays } from './story.ts';

export const driven: readonly Story[] = [
  {
    name: 'continue',
    direction: 'outbound',
    run: async (stage) => {
      stage.expect((human) =>
        human.staysSilent().says('Blue.', { afterMs: 1_500 }).hangsUp({ afterMs: 8_000 }),
      );
      const { id } = await stage.place();
      await stage.listening();
      assert.deepEqual(await stage.settle(stage.app.phone.ask(id, 'Which colour?')), { transcript: 'Blue.' });
      await stage.over();
      assert.deepEqual(stage.heard, [GREETING, 'Which colour?'], 'never cut, said once');
      assert.equal(stage.agent.turns.length, 0);
    },
  },
  {
    name: 'speak',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.hangsUp(stays(14_000, fault)));
      const { id } = await stage.place();
      await stage.listening();
      await stage.settle(stage.app.phone.speak(id, 'One more thing.'));
      await stage.over();
      assert.equal(stage.heard.filter((text) => text === 'One more thing.').length, 1);
    },
  },
  {
    name: 'end',
    direction: 'outbound',
    run: async (stage, fault) => {
      const { id } = await stage.place();
      await stage.listening();
      await stage.settle(stage.app.phone.end(id, NOBODY));
      await stage.over();
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'hangup-bot', fault);
      await stage.app.phone.end(id, NOBODY);
    },
  },
  {
    name: 'a last sentence, then end',
    direction: 'outbound',
    run: async (stage, fault) => {
      const { id } = await stage.place();
      await stage.listening();
      const farewell = 'That was all I wanted to tell you; thank you for your time, and goodbye.';
      await stage.settle(stage.app.phone.speak(id, farewell));
      await stage.settle(stage.app.phone.end(id, NOBODY));
      await stage.over();
      assert.deepEqual(stage.heard, [GREETING, farewell], 'heard to its last word');
      assert.equal(stage.theirs.end?.by, 'plugin');
      endedAs(stage, 'hangup-bot', fault);
    },
  },
  {
    name: 'status',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.hangsUp(stays(12_000, fault)));
      const { id } = await stage.place();
      await stage.listening();
      const { phase, carrierCallId, answeredAt } = stage.app.phone.find(id) ?? stage.ours;
      assert.equal(phase, 'live');
      assert.ok(answeredAt !== null);
      assert.equal(stage.app.phone.find(carrierCallId ?? '')?.id, id, 'found by the carrier’s id as well');
      await stage.over();
      assert.equal(stage.app.phone.find(id)?.phase, 'ended');
    },
  },
  {
    name: 'keys out, in the call',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.hangsUp(stays(14_000, fault)));
      const { id } = await stage.place();
      await stage.listening();
      await stage.settle(stage.app.phone.sendDigits(id, '42#'));
      await stage.over();
      assert.equal(keysHeard(stage), '42#');
    },
  },
  {
    name: 'keys out, before the greeting',
    direction: 'outbound',
    run: async (stage, fault) => {
      stage.expect((human) => human.hangsUp(stays(14_000, fault)));
      await stage.place({ dtmfSequence: '1ww2#' });
      await stage.over();
      const keys = keysHeard(stage).replaceAll('w', '');
      // Nobody can know whether the key that a stream broke in was taken: it is pressed again.
      if (fault === 'stream drops') assert.match(keys, /^1{1,2}2{1,2}#$/);
      else assert.equal(keys, '12#');
      // Tones are a sound without words to whoever listens.
      const words = stage.theirs.heard.filter(({ kind, text }) => kind !== 'digits' && text !== '(voice)');
      assert.equal(words[0]?.text, GREETING);
    },
  },
  {
    name: 'keys in',
    direction: 'outbound',
    options: { answer: () => 'Thank you.' },
    run: async (stage, fault) => {
      stage.expect((human) => human.presses('42#').hangsUp(stays(6_000, fault)));
      await stage.place();
      await stage.over();
      // Some carriers take # for the end of the keys and keep it, others report it like any key.
      assert.match(said(stage)[1] ?? '', /^caller: \(pressed on the keypad: 42#?\)$/);
      assert.deepEqual(stage.heard, [GREETING, 'Thank you.']);
    },
  },
];

function keysHeard(stage: CarrierStage): string {
  if (stage.theirs.ear.frames.length > 0) return keysIn(stage.theirs.ear.sound());
  return stage.theirs.heard
    .filter(({ kind }) => kind === 'digits')
    .map(({ text }) => text)
    .join('');
}
