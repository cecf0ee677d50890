// twiml: what is a document, and what Twilio would warn about in it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import twilio from 'twilio';
import { twiml } from './stage.ts';
import { parseTwiml } from './twiml.ts';

function faultsOf(verbs: string): readonly string[] {
  const document = parseTwiml(twiml(verbs));
  assert.ok(document.ok);
  return document.faults;
}

describe('documents', () => {
  it('come apart into verbs, attributes and text', () => {
    const document = parseTwiml(
      twiml(
        '<Gather input="speech" action="/a?b=1&amp;c=2">\n <Say voice="x">Tom &amp;\n Jerry</Say></Gather>',
      ),
    );
    assert.ok(document.ok);
    const [gather] = document.verbs;
    assert.deepEqual(gather?.attributes, { input: 'speech', action: '/a?b=1&c=2' });
    assert.deepEqual(
      gather?.children.map(({ name, text }) => [name, text]),
      [['Say', 'Tom & Jerry']],
    );
    assert.deepEqual(document.faults, []);
  });

  for (const [what, xml] of [
    ['nothing', ''],
    ['an unclosed element', '<Response><Say>Hi</Response>'],
    ['a bare ampersand', '<Response><Say>Tom & Jerry</Say></Response>'],
    ['another root', '<response/>'],
    ['a document type', '<!DOCTYPE r [<!ENTITY e "x">]><Response><Say>&e;</Say></Response>'],
    ['plain text', 'OK'],
  ] as const) {
    it(`are refused when they are ${what}`, () => {
      assert.equal(parseTwiml(xml).ok, false);
    });
  }

  it('built by the official SDK are accepted without a fault, with any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (said) => {
        const text = said.replaceAll(/[^\x20-\x7e]/g, 'x');
        const response = new twilio.twiml.VoiceResponse();
        const gather = response.gather({ input: ['dtmf', 'speech'], action: '/a', speechTimeout: 'auto' });
        gather.say({ voice: 'Polly.Joanna', language: 'en-US' }, `a${text}`);
        gather.pause({ length: 2 });
        response.play({ digits: '1w2' });
        response.redirect({ method: 'POST' }, '/b');
        const document = parseTwiml(response.toString());
        assert.ok(document.ok);
        assert.deepEqual(document.faults, []);
        assert.equal(document.verbs[0]?.children[0]?.text, `a${text}`.replaceAll(/\s+/g, ' ').trim());
      }),
    );
  });
});

describe('a fault is noted for', () => {
  for (const [what, verbs, fault] of [
    ['an unknown verb', '<Speak>Hi</Speak>', '<Speak> is not a verb'],
    ['a lower-case verb', '<say>Hi</say>', '<say> is not a verb'],
    ['an unknown attribute', '<Say speed="2">Hi</Say>', '<Say> has no attribute speed'],
    ['an inherited name', '<Pause constructor="1"/>', '<Pause> has no attribute constructor'],
    ['an attribute in the wrong case', '<Gather numdigits="1"/>', '<Gather> has no attribute numdigits'],
    ['a bad value', '<Gather timeout="soon"/>', '<Gather> timeout="soon" is not allowed'],
    ['an unknown input', '<Gather input="voice"/>', '<Gather> input="voice" is not allowed'],
    [
      'a verb where none may stand',
      '<Gather><Redirect>/a</Redirect></Gather>',
      '<Redirect> must not stand in <Gather>',
    ],
    ['text between verbs in a Gather', '<Gather>Hi<Pause/></Gather>', '<Gather> must not hold text'],
    ['an empty Say', '<Say> </Say>', '<Say> is empty'],
    ['a Play of nothing', '<Play/>', '<Play> needs either digits or a URL'],
    [
      'an automatic end with a chosen model',
      '<Gather speechTimeout="auto" speechModel="phone_call"/>',
      '<Gather> speechTimeout="auto" must not be combined with speechModel',
    ],
  ] as const) {
    it(what, () => {
      assert.deepEqual(faultsOf(verbs), [fault]);
    });
  }
});
