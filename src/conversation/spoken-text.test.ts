// What of an agent's answer is said aloud: the contract, what models make of it, and what a voice cannot say.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AgentAnswer } from './ports.ts';
import { spokenText } from './spoken-text.ts';

type Payload = AgentAnswer['payloads'][number];
const payload = (text: string, flags: Partial<Payload> = {}): Payload => ({
  text,
  isError: false,
  isReasoning: false,
  ...flags,
});
const spoken = (...texts: string[]): string => spokenText({ payloads: texts.map((text) => payload(text)) });

describe('The spoken contract', () => {
  it('is one JSON object, whole, fenced, or between other words', () => {
    for (const text of [
      '{"spoken":"It is noon."}',
      ' {"spoken": "It is noon.", "mood": "calm"}\n',
      '```json\n{"spoken":"It is noon."}\n```',
      'Sure!\n```\n{"spoken":"It is noon."}\n```\nAnything else?',
      'Here you go: {"spoken":"It is noon."} Done.',
      '<think>They want the time. {"spoken":"no"}</think>{"spoken":"It is noon."}',
    ]) {
      assert.equal(spoken(text), 'It is noon.', text);
    }
  });

  it('is understood when the JSON is not quite JSON, or broke off', () => {
    assert.equal(spoken('{"spoken":"It is noon.",}'), 'It is noon.');
    assert.equal(spoken('{\'mood\': 1, "spoken": "It is\nnoon."}'), 'It is noon.');
    assert.equal(spoken('{"spoken":"It is noon and the sun'), 'It is noon and the sun');
    assert.equal(spoken('{"spoken":"One."}\n{"spoken":"Two."}'), 'One. Two.');
    assert.equal(spoken('{"spoken":"She said \\"yes\\".",}'), 'She said "yes".');
    assert.equal(spoken('{"spoken":"It is noon\\'), 'It is noon');
  });

  it('with nothing to say says nothing, not its own braces', () => {
    for (const text of ['{"spoken":""}', '```json\n{"spoken":""}\n```', '{"spoken":"  "}', '', 'NO_REPLY']) {
      assert.equal(spoken(text), '', text);
    }
  });

  it('leaves out errors and reasoning, and joins what is left', () => {
    const payloads = [
      payload('Let me think.', { isReasoning: true }),
      payload('{"spoken":"First."}'),
      payload('402 no credit', { isError: true }),
      payload('{"spoken":"Second."}'),
    ];
    assert.equal(spokenText({ payloads }), 'First. Second.');
  });
});

describe('An answer without the contract', () => {
  it('is said as it is, without the paragraphs a model thinks aloud in', () => {
    assert.equal(spoken('It is noon.'), 'It is noon.');
    assert.equal(spoken('Reasoning: they ask for the time.\n\nIt is noon.'), 'It is noon.');
    assert.equal(
      spoken('**Analysis**: easy.\n\nPlan: tell them.\n\nIt is noon.\n\nAnything else?'),
      'It is noon. Anything else?',
    );
    assert.equal(spoken('The user wants the time, so I should tell it.\n\nIt is noon.'), 'It is noon.');
    assert.equal(spoken('<think>This never ends'), '');
  });

  it('keeps its only paragraph, and paragraphs that merely look similar', () => {
    assert.equal(
      spoken('The user manual says so; I will read it.'),
      'The user manual says so; I will read it.',
    );
    assert.equal(spoken('Thinking of you.\n\nBye.'), 'Thinking of you. Bye.');
  });

  it('loses its code', () => {
    assert.equal(spoken('Run this:\n```sh\nrm -rf x\n```\nThen call me.'), 'Run this: Then call me.');
    assert.equal(spoken('Run this:\n```sh\nrm -rf x'), 'Run this:');
  });
});

describe('What a voice cannot say', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['**Noon**, `sharp`, *really* __so__ ~~not~~.', 'Noon, sharp, really so not.'],
    ['# Today\n- rain\n* wind\n> so they say', 'Today rain wind so they say'],
    ['See [the page](https://example.com/a?b=c "t") now.', 'See the page now.'],
    ['See https://www.example.com/a/b?c=d. Then call.', 'See example.com. Then call.'],
    ['Great 🎉👍🏽 news 👨‍👩‍👧 for 🇩🇪!', 'Great news for!'],
    ['Press 1️⃣ now', 'Press now'],
    ['[[tts:voice=nova]]Hello[[/tts]] there', 'Hello there'],
    ['Here it is\nMEDIA:/pictures/x.png', 'Here it is'],
    ['| a | b |\n|---|---|\n| one | two |', 'a b one two'],
    ['<b>Hello</b> you', 'Hello you'],
    ['Two  spaces\tand\n\nlines\u0000', 'Two spaces and lines'],
  ];
  for (const [text, expected] of cases) {
    it(`is taken out of ${JSON.stringify(text)}`, () => {
      assert.equal(spoken(text), expected);
      assert.equal(spoken(JSON.stringify({ spoken: text })), expected, 'inside the contract too');
    });
  }

  it('is not ordinary speech: numbers, sums, quotes and apostrophes stay', () => {
    for (const text of [
      'It costs 3.50 dollars, 2 * 3 = 6 and 5 < 6.',
      "It's Anna's (and Bob's) file_name_here.",
      'At 10:30, room 4-2; call +1 555 000 1234!',
      'Grüße, こんにちは, مرحبا, ¿qué tal?',
    ]) {
      assert.equal(spoken(text), text);
    }
  });
});

describe('Any answer', () => {
  it('is read without throwing, into one line without blanks at its ends', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '{"spoken":"',
        '"}',
        '```',
        '<think>',
        '[[',
        ']]',
        '](',
        '\\',
        '**',
        'http://',
        '|--|',
        '\n\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = spoken(pieces.join(''));
        assert.equal(text, text.trim());
        assert.doesNotMatch(text, /[\n\r\t]/);
      }),
    );
  });

  it('that keeps the contract never has its braces read aloud, however it is wrapped', () => {
    const words = fc.stringMatching(/^[A-Za-z' ,."\\]{0,40}$/);
    const wraps: readonly ((json: string) => string)[] = [
      (json) => json,
      (json) => `\`\`\`json\n${json}\n\`\`\``,
      (json) => `Here: ${json}`,
      (json) => `${json}\n\nDone.`,
    ];
    fc.assert(
      fc.property(words, fc.constantFrom(...wraps), (said, wrap) => {
        const text = spoken(wrap(JSON.stringify({ spoken: said })));
        assert.doesNotMatch(text, /[{}]|spoken/);
        assert.equal(text, spoken(JSON.stringify({ spoken: said })));
      }),
    );
  });

  it('of any length is read in a moment', () => {
    for (const text of [
      '*'.repeat(200_000),
      '['.repeat(200_000),
      '{"spoken":"'.repeat(20_000),
      ' \n'.repeat(100_000),
    ]) {
      const before = process.cpuUsage().user;
      spoken(text);
      assert.ok(process.cpuUsage().user - before < 2_000_000, text.slice(0, 10));
    }
  });
});
