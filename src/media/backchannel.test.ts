// Which words mean "go on", and which mean "stop".
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { meaningOf } from './backchannel.ts';

describe('What a caller says while we speak', () => {
  it('is a backchannel when all of it is small words, in any language and spelling', () => {
    const small = [
      'Mhm.',
      'uh-huh',
      'Yeah, yeah.',
      'OK!',
      'I see',
      'all right, got it',
      'Ja, genau.',
      'Ach so',
      "D'accord",
      'Sí, claro',
      'Si\u0301',
      'va bene',
      'はい、はい',
      'はいはい',
      '嗯嗯',
      'ага',
      'हाँ',
    ];
    for (const text of small) assert.equal(meaningOf(text), 'backchannel', text);
  });

  it('is an interruption when there is one other word in it', () => {
    const real = [
      'no',
      'No, wait',
      'yes but',
      'stop',
      'hello?',
      'nein',
      'ja aber',
      '42',
      'はい、でも',
      'sorry',
    ];
    for (const text of real) assert.equal(meaningOf(text), 'words', text);
  });

  it('is nothing when there is no word in it', () => {
    for (const text of ['', '  ', '...', '?!']) assert.equal(meaningOf(text), 'nothing', text);
  });
});
