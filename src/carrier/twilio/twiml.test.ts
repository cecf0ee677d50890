// Tests of twiml.ts: the official builder writes the same documents, and no line is left without a next verb.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { inboundCall, liveCall, NOW, options } from '../../../test/wire/twilio/samples.ts';
import { elements, textOf, treeOf } from '../../../test/wire/twilio/xml-tree.ts';
import type { Call } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import { legalText } from '../xml.ts';
import { EMPTY, twimlFor } from './twiml.ts';

const call = liveCall();
const says = (text: string, turn: number | null): Instruction => ({
  kind: 'say',
  utterance: { id: 'u3', text, digits: null, requestId: null },
  turn,
});
const presses = (digits: string, turn: number | null): Instruction => ({
  kind: 'say',
  utterance: { id: 'u3', text: `(keys: ${digits})`, digits, requestId: null },
  turn,
});
const write = (instruction: Instruction, on: Call = call): string =>
  twimlFor(on, instruction, options.address);
const at = (query: string): string => `${options.address.webhookUrl}?callId=${call.id}&${query}`;

const voice = { voice: 'Polly.Joanna', language: 'en-US' } as const;
const post = { method: 'POST' } as const;
const gathering = (turn: number) =>
  ({
    input: ['speech', 'dtmf'],
    action: at(`flow=gather&turn=${turn}&asked=0`),
    method: 'POST',
    language: 'en-US',
    speechTimeout: 'auto',
    timeout: 10,
  }) as const;

describe('the official builder writes, byte for byte, the document for', () => {
  const same = (
    name: string,
    instruction: Instruction,
    build: (response: VoiceResponse) => void,
    on = call,
  ): void => {
    it(name, () => {
      const response = new VoiceResponse();
      build(response);
      assert.equal(write(instruction, on), response.toString());
    });
  };
  const text = 'Tom & "Ann" <said>: it\'s 5 > 4.\r\nOK\t?';

  same('saying and listening', says(text, 2), (response) => {
    response.gather({ ...gathering(2), input: [...gathering(2).input] }).say(voice, text);
    response.redirect(post, at('flow=silent&turn=2&utterance=u3&asked=0'));
  });
  same('listening', { kind: 'listen', turn: 4 }, (response) => {
    response.gather({ ...gathering(4), input: [...gathering(4).input] });
    response.redirect(post, at('flow=silent&turn=4&asked=0'));
  });
  same('saying', says(text, null), (response) => {
    response.say(voice, text);
    response.redirect(post, at('flow=played&utterance=u3&asked=0'));
  });
  same('pressing keys', presses('1ww2#', null), (response) => {
    response.play({ digits: '1ww2#' });
    response.redirect(post, at('flow=played&utterance=u3&asked=0'));
  });
  same('pressing keys and listening', presses('*9', 2), (response) => {
    response.gather({ ...gathering(2), input: [...gathering(2).input] }).play({ digits: '*9' });
    response.redirect(post, at('flow=silent&turn=2&utterance=u3&asked=0'));
  });
  same('connecting a media stream', { kind: 'stream', n: 2, expiresAt: NOW + 10_000 }, (response) => {
    const { url, token } = options.address.streamUrl(call.id, 2, NOW + 10_000);
    response.connect().stream({ url }).parameter({ name: 'token', value: token });
    response.redirect(post, at('flow=streamed&stream=2&asked=0'));
  });
  same('waiting', { kind: 'wait' }, (response) => response.redirect(post, at('flow=wait&asked=0')));
  same('waiting until we are back', { kind: 'wait', forMs: 14_500 }, (response) => {
    response.pause({ length: 15 });
    response.redirect(post, at('flow=wait&asked=0'));
  });
  same('hanging up', { kind: 'hangup' }, (response) => response.hangup());
  same(
    'turning away',
    { kind: 'reject' },
    (response) => response.reject({ reason: 'rejected' }),
    inboundCall(),
  );

  it('nothing', () => {
    assert.equal(EMPTY, new VoiceResponse().toString());
  });
});

it('a call that is over or leaving is hung up instead of being told to wait', () => {
  for (const phase of ['ending', 'ended'] as const) {
    assert.deepEqual(treeOf(write({ kind: 'wait' }, { ...call, phase })).children.length, 1);
    assert.match(write({ kind: 'wait' }, { ...call, phase }), /<Hangup\/>/);
  }
});

it('any document that is not a farewell ends by sending Twilio back to us', () => {
  const instructions = [
    says('Hello.', null),
    says('Hello.', 1),
    says(' ', 1),
    presses('1', null),
    { kind: 'listen', turn: 1 },
    { kind: 'stream', n: 1, expiresAt: NOW },
    { kind: 'wait' },
  ];
  for (const instruction of instructions as Instruction[]) {
    const last = treeOf(write(instruction)).children.at(-1);
    assert.equal(typeof last === 'object' && last.name, 'Redirect');
    assert.ok(typeof last === 'object' && textOf(last).startsWith('https://'));
  }
});

it('two visits never have the same address once Twilio was answered in between', () => {
  const later: Call = { ...call, line: { ...call.line, asked: call.line.asked + 1 } };
  const stream: Instruction = { kind: 'stream', n: 1, expiresAt: NOW };
  const instructions: Instruction[] = [says('Hello.', null), says('Hello.', 1), stream, { kind: 'wait' }];
  for (const instruction of instructions) {
    assert.notEqual(write(instruction, call), write(instruction, later));
  }
});

it('the language of the call is the one that is listened for', () => {
  const [gather] = elements(treeOf(write(says('Hallo.', 1), liveCall({ language: 'de' }))), 'Gather');
  assert.equal(gather?.attributes['language'], 'de-DE');
  assert.equal(gather?.attributes['speechModel'], undefined);
});

const saysIn = (document: string): readonly string[] => elements(treeOf(document), 'Say').map(textOf);

it('a long text is said in pieces that end where sentences do', () => {
  const sentence = `${'word '.repeat(60)}end. `;
  const pieces = saysIn(write(says(sentence.repeat(10), null)));
  assert.ok(pieces.length > 1);
  for (const piece of pieces) assert.match(piece, /end\.$/);
});

it('a text without any place to breathe is cut between characters', () => {
  // One of the two has a pair of surrogates across the limit, whatever the limit is.
  for (const text of ['😀'.repeat(2_000), `a${'😀'.repeat(2_000)}`]) {
    assert.equal(saysIn(write(says(text, null))).join(''), text);
  }
});

it('any text is said whole, in pieces Twilio takes, and never as an empty one', () => {
  const word = fc.string({ unit: 'binary', maxLength: 40 });
  const joint = fc.constantFrom(' ', '. ', '\n', '。', '', '! ');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, joint), { maxLength: 400 }), fc.boolean(), (parts, listens) => {
      const text = parts.flat().join('');
      const pieces = saysIn(write(says(text, listens ? 1 : null)));
      assert.equal(pieces.join('').replace(/\s/g, ''), legalText(text).replace(/\s/g, ''));
      for (const piece of pieces) {
        assert.notEqual(piece.trim(), '');
        assert.ok(Buffer.byteLength(piece) <= 4_000);
      }
    }),
    { numRuns: 100 },
  );
});
