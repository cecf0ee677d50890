// Tests of xml-documents.ts: the official builder makes the same documents, and no line is left without an end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type OfficialResponse, officialResponse } from '../../../test/wire/plivo/official.ts';
import { inboundCall, liveCall, NOW, options } from '../../../test/wire/plivo/samples.ts';
import { elements, textOf, treeOf, type XmlTree } from '../../../test/wire/twilio/xml-tree.ts';
import type { Call } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import { legalText } from '../xml.ts';
import { documentFor, EMPTY } from './xml-documents.ts';

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
  documentFor(on, instruction, options.address);
const at = (query: string): string => `${options.address.webhookUrl}?callId=${call.id}&${query}`;

const voice = { voice: 'WOMAN', language: 'en-US' };
const post = { method: 'POST' };
const listening = (turn: number): object => ({
  action: at(`flow=input&n=0&turn=${turn}`),
  method: 'POST',
  inputType: 'dtmf speech',
  executionTimeout: 15,
  digitEndTimeout: 2,
  speechEndTimeout: 'auto',
  language: 'en-US',
  redirect: 'true',
  log: 'false',
});

describe('the official builder makes the document for', () => {
  const same = (
    name: string,
    instruction: Instruction,
    build: (response: OfficialResponse) => void,
    on = call,
  ): void => {
    it(name, () => {
      const response = officialResponse();
      build(response);
      assert.deepEqual(treeOf(write(instruction, on)), treeOf(response.toXML()));
    });
  };
  const text = "Tom & 'Ann' <said>: it's 5 > 4.";

  same('saying and listening', says(text, 2), (response) => {
    response.addGetInput(listening(2)).addSpeak(text, voice);
    response.addRedirect(at('flow=silent&n=0&turn=2&utterance=u3'), post);
  });
  same('listening', { kind: 'listen', turn: 4 }, (response) => {
    response.addGetInput(listening(4));
    response.addRedirect(at('flow=silent&n=0&turn=4'), post);
  });
  same('saying', says(text, null), (response) => {
    response.addSpeak(text, voice);
    response.addRedirect(at('flow=played&n=0&utterance=u3'), post);
  });
  same('pressing keys', presses('1ww2#', null), (response) => {
    response.addDTMF('1ww2#', { async: 'false' });
    response.addRedirect(at('flow=played&n=0&utterance=u3'), post);
  });
  same('pressing keys and listening', presses('1ww2#', 2), (response) => {
    response.addDTMF('1ww2#', { async: 'false' });
    response.addGetInput(listening(2));
    response.addRedirect(at('flow=silent&n=0&turn=2&utterance=u3'), post);
  });
  same('connecting a media stream', { kind: 'stream', n: 2, expiresAt: NOW + 10_000 }, (response) => {
    const { url, token } = options.address.streamUrl(call.id, 2, NOW + 10_000);
    response.addStream(url, {
      bidirectional: 'true',
      keepCallAlive: 'true',
      contentType: 'audio/x-mulaw;rate=8000',
      extraHeaders: `token=${token}`,
      statusCallbackUrl: at('flow=streaming&n=0&stream=2'),
      statusCallbackMethod: 'POST',
    });
    response.addRedirect(at('flow=streamed&n=0&stream=2'), post);
  });
  same('waiting', { kind: 'wait' }, (response) => response.addRedirect(at('flow=next&n=0'), post));
  for (const [forMs, length] of [
    [15_000, 15],
    [1_001, 2],
    [0, 1],
  ] as const) {
    same(`waiting while we are away for ${forMs} ms`, { kind: 'wait', forMs }, (response) => {
      response.addWait({ length });
      response.addRedirect(at('flow=next&n=0'), post);
    });
  }
  same('hanging up', { kind: 'hangup' }, (response) => response.addHangup({}));
  same(
    'turning away',
    { kind: 'reject' },
    (response) => response.addHangup({ reason: 'rejected' }),
    inboundCall(),
  );

  it('nothing', () => {
    assert.deepEqual(treeOf(EMPTY), treeOf(officialResponse().toXML()));
  });
});

it('a call that is over or leaving is hung up instead of being told to wait', () => {
  for (const phase of ['ending', 'ended'] as const) {
    for (const wait of [{ kind: 'wait' }, { kind: 'wait', forMs: 15_000 }] as const)
      assert.match(write(wait, { ...call, phase }), /<Response><Hangup\/><\/Response>$/);
  }
});

const instructions: readonly Instruction[] = [
  says('Hello.', null),
  says('Hello.', 1),
  says(' ', 1),
  presses('1', null),
  presses('1', 1),
  { kind: 'listen', turn: 1 },
  { kind: 'stream', n: 1, expiresAt: NOW },
  { kind: 'wait' },
  { kind: 'wait', forMs: 15_000 },
];

it('any document that is not a farewell ends by sending Plivo back to us', () => {
  for (const instruction of instructions) {
    const last = treeOf(write(instruction)).children.at(-1);
    assert.equal(typeof last === 'object' && last.name, 'Redirect');
    assert.ok(typeof last === 'object' && textOf(last).startsWith('https://'));
  }
});

it('two visits never have the same address once Plivo was answered in between', () => {
  const later: Call = { ...call, line: { ...call.line, asked: call.line.asked + 1 } };
  for (const instruction of instructions)
    assert.notEqual(write(instruction, call), write(instruction, later));
});

const withinRange = (input: XmlTree | undefined): void => {
  const number = (name: string): number => Number(input?.attributes[name]);
  assert.ok(number('executionTimeout') >= 5 && number('executionTimeout') <= 60);
  assert.ok(number('digitEndTimeout') >= 2 && number('digitEndTimeout') <= 10);
};

it('the listening stays within what Plivo allows, in the language of the call', () => {
  const [input] = elements(treeOf(write(says('Hallo.', 1), liveCall({ language: 'de' }))), 'GetInput');
  withinRange(input);
  assert.equal(input?.attributes['language'], 'de-DE');
});

it('a Polly voice of the person is used without a language', () => {
  const [speak] = elements(treeOf(write(says('Hi.', null), liveCall({ voice: 'Polly.Joey' }))), 'Speak');
  assert.deepEqual(speak?.attributes, { voice: 'Polly.Joey' });
});

const spoken = (document: string): readonly string[] => elements(treeOf(document), 'Speak').map(textOf);

it('a long text is said in pieces that end where sentences do', () => {
  const sentence = `${'word '.repeat(60)}end. `;
  const pieces = spoken(write(says(sentence.repeat(10), null)));
  assert.ok(pieces.length > 1);
  for (const piece of pieces) assert.match(piece, /end\.$/);
});

it('any text is said whole, in pieces Plivo takes, and never as an empty one', () => {
  const word = fc.string({ unit: 'binary', maxLength: 40 });
  const joint = fc.constantFrom(' ', '. ', '\n', '。', '', '! ');
  fc.assert(
    fc.property(fc.array(fc.tuple(word, joint), { maxLength: 400 }), fc.boolean(), (parts, listens) => {
      const text = parts.flat().join('');
      const pieces = spoken(write(says(text, listens ? 1 : null)));
      assert.equal(pieces.join('').replace(/\s/g, ''), legalText(text).replace(/\s/g, ''));
      for (const piece of pieces) {
        assert.notEqual(piece.trim(), '');
        assert.ok(Buffer.byteLength(piece) <= 3_000);
      }
    }),
    { numRuns: 100 },
  );
});
