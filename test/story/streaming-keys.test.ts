// Stories of keys we press over a media stream: they are heard as tones, in their place among the words.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { keysIn } from './dialled-tones.ts';
import { GREETING, onEach } from './live-stage.ts';

describe('keys we press over a media stream', () => {
  onEach('in the call: the line hears their tones', async (open) => {
    const stage = await open();
    stage.expect((human) => human.hangsUp({ afterMs: 8_000 }));
    const { id } = await stage.place();
    await stage.listening();
    assert.equal(keysIn(stage.ear.sound()), '', 'speech is no key');
    await stage.settle(stage.app.phone.sendDigits(id, '1590*#'));
    await stage.toTheEndWithoutComplaint();
    assert.equal(keysIn(stage.ear.sound()), '1590*#');
    assert.equal(stage.outcomes[1], '(keys: 1590*#) [heard]');
  });

  onEach('before the greeting: an extension is dialled, then we speak', async (open) => {
    const stage = await open();
    stage.expect((human) => human.hangsUp({ afterMs: 8_000 }));
    await stage.place({ dtmfSequence: '1ww2#' });
    await stage.toTheEndWithoutComplaint();
    const greetedAt = stage.ear.words[0]?.from ?? Number.NaN;
    assert.equal(keysIn(stage.ear.sound(0, greetedAt)), '12#');
    assert.equal(keysIn(stage.ear.sound(greetedAt)), '');
    assert.equal(stage.words, GREETING);
  });

  onEach('nobody talks them down: a caller who speaks meanwhile does not stop them', async (open) => {
    const stage = await open();
    stage.expect((human) =>
      human.says('Hello hello', { afterMs: 2_500, over: true }).hangsUp({ afterMs: 9_000 }),
    );
    const { id } = await stage.place();
    await stage.listening();
    await stage.settle(stage.app.phone.sendDigits(id, '123456789123456789'));
    await stage.toTheEndWithoutComplaint();
    assert.equal(keysIn(stage.ear.sound()), '123456789123456789');
  });
});
