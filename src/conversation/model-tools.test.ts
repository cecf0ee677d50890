// Model tools: what a voice model is offered, and what of its writing is believed.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { questionFor, questionIn, toolbox } from './model-tools.ts';

const tool = (name: string) => ({ name, description: 'does something', parameters: { type: 'object' } });

describe('The tools of a voice model', () => {
  it('are ours, and those of the owner that have names of their own', () => {
    const { offered, owned, shadowed } = toolbox(
      [tool('a'), tool('openclaw_agent_consult'), tool('a'), tool('openclaw_end_call')],
      'owner',
    );
    assert.deepEqual(
      offered.map(({ name }) => name),
      ['openclaw_agent_consult', 'openclaw_end_call', 'a'],
    );
    assert.deepEqual([...owned.keys()], ['a']);
    assert.deepEqual(shadowed, ['openclaw_agent_consult', 'a', 'openclaw_end_call']);
  });

  it('are no more than hanging up where the agent may not be asked', () => {
    const { offered, owned } = toolbox([tool('a')], 'none');
    assert.deepEqual(
      offered.map(({ name }) => name),
      ['openclaw_end_call'],
    );
    assert.equal(owned.size, 0);
  });
});

describe('A question to the agent', () => {
  it('is read from an object, or from a text that is one', () => {
    const question = { question: 'Who?', context: 'The door.', responseStyle: null };
    assert.deepEqual(questionIn({ question: ' Who?\n', context: 'The\tdoor.', other: 1 }), question);
    assert.deepEqual(questionIn('{"question":"Who?","context":"The door."}'), question);
  });

  it('is refused, in words for the model, when it is none', () => {
    const refused: readonly unknown[] = [
      null,
      undefined,
      7,
      [],
      '"{}"',
      '{',
      {},
      { question: '' },
      { question: ' \u0000 ' },
      { question: ['Who?'] },
      { question: 'x'.repeat(2_001) },
      { question: 'Who?', context: 'x'.repeat(4_001) },
      { question: 'Who?', context: {} },
      { question: 'Who?', responseStyle: 'x'.repeat(401) },
    ];
    for (const args of refused) assert.ok('error' in questionIn(args), JSON.stringify(args));
  });

  it('is bounded and one line, whatever the model writes', () => {
    const args = fc.oneof(
      fc.anything(),
      fc.string(),
      fc.record({ question: fc.string(), context: fc.anything(), responseStyle: fc.anything() }),
    );
    fc.assert(
      fc.property(args, (written) => {
        const read = questionIn(written);
        if ('error' in read) return;
        for (const text of [read.question, read.context, read.responseStyle]) {
          assert.ok(text === null || (text !== '' && text.length <= 4_000 && !/\p{Cc}/u.test(text)));
        }
      }),
    );
  });

  it('is made of what a tool of the owner is given, within bounds', () => {
    const read = questionFor(tool('open_door'), { which: 'front' });
    assert.match('question' in read ? read.question : '', /"open_door" done.*\{"which":"front"\}/);
    assert.ok('error' in questionFor(tool('open_door'), { which: 'x'.repeat(4_001) }));
    assert.ok('error' in questionFor(tool('open_door'), [1]));
    assert.ok('question' in questionFor(tool('open_door'), undefined));
  });
});
