// Which words mean nothing by themselves, and which promise more.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { areSounds, isBackchannel, soundsUnfinished } from './small-words.ts';

describe('Small words', () => {
  it('are the sounds of a listener, in any language', () => {
    for (const text of ['Mhm.', 'mm-hm', 'Uh-huh, uh-huh', 'Hmm…', 'ah', 'えっと', '응']) {
      assert.ok(areSounds(text), text);
      assert.ok(isBackchannel(text), text);
    }
    for (const text of ['yes', 'no', 'stop', 'mhm but']) assert.ok(!areSounds(text), text);
  });

  it('are acknowledgements, as long as nothing else is said', () => {
    for (const text of ['Yeah.', 'Okay, right.', 'Ach so, ja', 'はい', 'Sí, claro', 'I see']) {
      assert.ok(isBackchannel(text), text);
    }
    for (const text of ['No.', 'yes please stop', 'ok but why', 'wait']) {
      assert.ok(!isBackchannel(text), text);
    }
  });

  it('promise more when somebody stops at them', () => {
    for (const text of ['I want to', 'My name is', 'Anna and', 'um', 'Ich möchte und', 'first,']) {
      assert.ok(soundsUnfinished(text), text);
    }
    for (const text of ['It is five.', 'What is it for?', 'yes', 'book it', '']) {
      assert.ok(!soundsUnfinished(text), text);
    }
  });
});
