// What can be said of an answer while it is being written: early, never reasoning, never twice, and in the end all.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AgentAnswer } from './ports.ts';
import { SpokenStream } from './spoken-stream.ts';
import { spokenText } from './spoken-text.ts';

const answer = (...texts: string[]): AgentAnswer => ({
  payloads: texts.map((text) => ({ text, isError: false, isReasoning: false })),
});
const bare = (text: string): string => text.replace(/\s/g, '');

/** All texts a message has while it is written in chunks of these sizes. */
function growing(text: string, sizes: readonly number[]): readonly string[] {
  const texts: string[] = [];
  for (let end = 0, n = 0; end < text.length; n++) {
    end += (sizes[n % sizes.length] ?? 0) + 1;
    texts.push(text.slice(0, end));
  }
  return texts;
}

/** What is given for a message that is written letter by letter. */
function streamed(text: string, stream = new SpokenStream()): string {
  return growing(text, [0])
    .map((so) => stream.push(so))
    .join('');
}

describe('An answer under the contract', () => {
  it('is said while its string is still open', () => {
    const stream = new SpokenStream();
    assert.equal(stream.push('{"spo'), '');
    assert.equal(stream.push('{"spoken":"It is '), 'It is');
    assert.equal(stream.push('{"spoken":"It is noon. And'), ' noon.');
    assert.equal(stream.isWhole, false);
    assert.equal(stream.push('{"spoken":"It is noon. And warm."'), ' And warm.');
    assert.equal(stream.isWhole, true);
    assert.equal(stream.push('{"spoken":"It is noon. And warm.","mood":"so so"}'), '');
    assert.equal(stream.finish(answer('{"spoken":"It is noon. And warm.","mood":"so so"}')), '');
  });

  const cases: readonly (readonly [string, string])[] = [
    ['{"spoken":"caf\\u00e9 \\ud83d\\ude00 \\"yes\\" \\\\ tab\\tend"}', 'café "yes" \\ tab end'],
    ['```json\n{"spoken":"It is noon."}\n```', 'It is noon.'],
    ['Here you go: {"spoken":"It is noon."} Done.', 'It is noon.'],
    ['<think>The {"spoken":"secret"} plan.</think>{"spoken":"It is noon."}', 'It is noon.'],
    ['{"thoughts":"secret","spoken":"It is noon."}', 'It is noon.'],
    ['{"spoken":"**Noon**, see [this](https://a.b/c) `now` [[tts:x]]ok"}', 'Noon, see this now ok'],
    ['{"spoken":"Rain.\\nMEDIA:/a/b.png\\n- wind\\n# sun"}', 'Rain. wind sun'],
    ['{"spoken":"2 * 3 = 6 and 5 < 6, *69"}', '2 * 3 = 6 and 5 < 6, *69'],
    ['{"spoken":"今日は晴れです。"}', '今日は晴れです。'],
    ['{"spoken":""}', ''],
    ['{"spoken":"NO_REPLY"}', ''],
    ['{"spoken":"It broke off', 'It broke off'],
  ];
  for (const [text, expected] of cases) {
    it(`gives its words only: ${text}`, () => {
      const stream = new SpokenStream();
      const early = streamed(text, stream);
      const all = `${early} ${stream.finish(answer(text))}`;
      assert.equal(bare(all), bare(expected));
      assert.equal(spokenText(answer(text)), expected);
      assert.doesNotMatch(early, /secret|tts|MEDIA|https|\*\*/);
    });
  }
});

describe('An answer without the contract', () => {
  it('is said once it is too long to lead in to one', () => {
    const early = streamed(
      'It is noon in Paris. The sun is shining, and the wind comes from the west today.',
    );
    assert.match(early, /^It is noon in Paris\. The sun/);
    assert.equal(streamed('Sure, here is what you asked for:\n{"other":1}'), '');
    assert.equal(
      streamed('```sh\nrm -rf everything that is on this disk and on all the other disks too'),
      '',
    );
  });

  it('is not said while it may be thinking aloud', () => {
    for (const text of [
      'Reasoning: they ask for the time and I have to look at a clock to be able to tell it to them now',
      '**Plan**: tell them the time. Then tell them the weather of today, and of tomorrow, and say bye',
      'The user wants to know the time of the day, so that I have to look at the clock for them now',
      '<thinking>This is a secret of sixty letters and more, which nobody is ever to hear of, is it',
      '<thi',
    ]) {
      assert.equal(streamed(text), '', text);
    }
    const text = 'Plan: tell them.\n\nIt is noon in Paris and the sun is shining on all of its many streets.';
    assert.match(streamed(text), /^\s*It is noon in Paris and the sun/);
  });

  it('may be a short sentence, when the agent pauses after it', () => {
    const stream = new SpokenStream();
    assert.equal(stream.push('Let me check.'), '');
    assert.equal(stream.pause(), 'Let me check.');
    assert.equal(stream.pause(), '');
    assert.equal(stream.push('{"spoken":"It is noon."'), '\nIt is noon.');
    assert.equal(stream.finish(answer('{"spoken":"It is noon."}')), '');
    for (const text of [
      'Here it is:',
      'Plan: look.',
      '{"a":1}.',
      'Let me see. {"a":1}.',
      'The user asks.',
      '```a.',
    ]) {
      const other = new SpokenStream();
      assert.equal(other.push(text) + other.pause(), '', text);
    }
  });
});

describe('What was said', () => {
  it('of an earlier message stays said and is not said again', () => {
    const stream = new SpokenStream();
    streamed('{"spoken":"Let me look that up. One moment"', stream);
    assert.equal(bare(streamed('{"spoken":"It is noon."}', stream)), 'Itisnoon.');
    assert.equal(
      stream.finish(answer('{"spoken":"Let me look that up. One moment"}', '{"spoken":"It is noon."}')),
      '',
    );
    assert.equal(stream.finish(answer('{"spoken":"It is noon."}')), '');
    assert.equal(stream.finish(answer('{"spoken":"It is noon. Bye."}')), 'Bye.');
  });

  it('of a message is said to its end when the next one begins', () => {
    const stream = new SpokenStream();
    const first = 'I am going to look that up for you now, and that may well take some time';
    assert.doesNotMatch(stream.push(first), /time/);
    assert.equal(stream.push('{"spoken":"'), ' time\n');
    assert.equal(stream.finish(answer(first, '{"spoken":"It is noon."}')), 'It is noon.');
  });

  it('is not said again when the answer comes out a little different', () => {
    const stream = new SpokenStream();
    stream.push('{"spoken":"It is noon in Paris, and ');
    assert.equal(stream.finish(answer('It is noon in Paris – and rainy.')), 'rainy.');
    assert.equal(stream.finish(answer('It is noon in Rome.')), 'Rome.');
    assert.equal(stream.finish(answer('Well: It is noon in Paris, and sunny.')), 'sunny.');
    assert.equal(stream.finish(answer('Something else entirely.')), 'Something else entirely.');
  });
});

describe('Any answer', () => {
  const sizes = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 8 });
  const piece = fc.constantFrom(
    ...[
      'It is noon. ',
      'and ',
      'Yes! ',
      '**bold** ',
      '`code` ',
      '*so* ',
      '_so_ ',
      '[[tts:voice=x]]',
      '[a page](https://x.y/z) ',
    ],
    ...[
      'https://www.example.com/a?b. ',
      '\nMEDIA:/p/x.png\n',
      '\n- one\n',
      '\n# Head\n',
      '\n---\n',
      '\n* * *\n',
      '\nMEDIA: /a b.png\n',
      'NO_REPLY ',
      '<b>b</b> ',
      '2 * 3 ',
      '5 < 6 ',
    ],
    ...[
      '😀 ',
      '👨‍👩‍👧',
      '今日は。',
      '"quoted" ',
      '\\ ',
      '\t',
      'a_b_c ',
      '3.50 ',
      '\n\n',
      '| a | b |\n|---|---|\n',
      '[1] ',
      'e.g. ',
      ' , ',
    ],
  );
  const words = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(''));

  it('that keeps the contract is said as spoken-text.ts says it, in whatever chunks it comes', () => {
    const wraps: readonly ((json: string) => string)[] = [
      (json) => json,
      (json) => `\`\`\`json\n${json}\n\`\`\``,
      (json) => `<think>no {"spoken":"secret"}</think>\n${json}`,
      (json) => `Here: ${json}\nDone.`,
      (json) =>
        json.replace(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ];
    fc.assert(
      fc.property(words, fc.constantFrom(...wraps), sizes, (said, wrap, chunks) => {
        const text = wrap(JSON.stringify({ spoken: said }));
        const stream = new SpokenStream();
        const early = growing(text, chunks)
          .map((so) => stream.push(so))
          .join('');
        const all = early + stream.finish(answer(text));
        assert.equal(bare(all), bare(spokenText(answer(text))));
        assert.doesNotMatch(early, /secret/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that forgets the contract is said as spoken-text.ts says it too', () => {
    const lead = fc.constantFrom(
      '',
      'Plan: think.\n\n',
      '<think>secret</think>',
      'The user asks, so I should tell.\n\n',
    );
    fc.assert(
      fc.property(lead, words, sizes, (before, said, chunks) => {
        const text = before + said;
        const stream = new SpokenStream();
        const early = growing(text, chunks)
          .map((so) => stream.push(so))
          .join('');
        assert.equal(bare(early + stream.finish(answer(text))), bare(spokenText(answer(text))));
        assert.doesNotMatch(early, /secret|I should|think/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives nothing twice and never throws, whatever it is', () => {
    const junk = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '{"spoken":"',
        '"}',
        '```',
        '<think>',
        '</think>',
        '[[',
        ']]',
        '](',
        '\\u',
        '**',
        '\n\n',
        'Plan:',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(junk, { maxLength: 12 }), { maxLength: 3 }),
        sizes,
        (messages, chunks) => {
          const stream = new SpokenStream();
          const texts = messages.map((parts) => parts.join(''));
          for (const text of texts) for (const so of growing(text, chunks)) stream.push(so);
          stream.pause();
          stream.finish(answer(...texts));
        },
      ),
    );
  });
});
