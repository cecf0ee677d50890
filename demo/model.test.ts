// Tests of the demo model on the wire.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { DemoModel } from './model.ts';

const contract = {
  role: 'system',
  content: 'Reply with exactly one JSON object: {"spoken":"the words to say"}.',
};
let model: DemoModel;

function chat(body: object): Promise<Response> {
  return fetch(`${model.baseUrl}/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
}

/** The text of a streamed answer, put together again. */
function streamed(text: string): string {
  return text
    .split('\n\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)).choices[0].delta.content ?? '')
    .join('');
}

describe('the demo model on the wire', () => {
  beforeEach(async () => {
    model = await DemoModel.start({ firstTokenMs: 0, tokenMs: 0 });
  });
  afterEach(() => model.stop());

  it('lists its one model', async () => {
    const list = await fetch(`${model.baseUrl}/models`).then((reply) => reply.json());
    assert.deepEqual(list, { object: 'list', data: [{ id: 'receptionist', object: 'model' }] });
  });

  it('answers in plain text when nobody asks for an object', async () => {
    const reply = await chat({ messages: [{ role: 'user', content: 'Hello' }] });
    assert.match(await reply.text(), /"content":"Hello\. What can I do for you\?"/);
  });

  it('streams the spoken object when the prompt asks for it', async () => {
    const messages = [contract, { role: 'user', content: [{ type: 'text', text: 'I am Ada.' }] }];
    const asked = { role: 'user', content: 'Who am I?' };
    const reply = await chat({ stream: true, messages: [...messages, asked] });
    const text = await reply.text();
    assert.equal(reply.headers.get('content-type'), 'text/event-stream');
    assert.equal(streamed(text), '{"spoken":"You are Ada."}');
    assert.match(text, /"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/);
  });

  it('does not take what the host adds for words of the caller', async () => {
    const context = '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>\nnone\n<<<END_OPENCLAW_INTERNAL_CONTEXT>>>';
    await chat({
      messages: [
        { role: 'user', content: '[Sat 2026-11-21 12:00 UTC] Hello\n\nRuntime: agent=main | channel=voice' },
        { role: 'user', content: [{ type: 'text', text: context }] },
      ],
    });
    assert.deepEqual(model.requests[0]?.said, ['Hello']);
  });

  it('fails as often as it is told to, and then answers again', async () => {
    model.setFault('fail', 1);
    const body = { messages: [{ role: 'user', content: 'Hello' }] };
    assert.deepEqual([(await chat(body)).status, (await chat(body)).status], [500, 200]);
    assert.deepEqual(
      model.requests.map(({ answer }) => answer),
      ['', 'Hello. What can I do for you?'],
    );
  });

  it('breaks off half-way when it is told to', async () => {
    model.setFault('cut');
    const reply = await chat({ stream: true, messages: [{ role: 'user', content: 'Tell me a joke' }] });
    await assert.rejects(reply.text());
  });

  it('never answers when it is told to hang, and still stops', async () => {
    model.setFault('hang');
    const waiting = chat({ messages: [{ role: 'user', content: 'Hello' }] });
    const asked = assert.rejects(waiting);
    while (model.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await model.stop();
    await asked;
  });

  it('refuses what is no chat request', async () => {
    const reply = await fetch(`${model.baseUrl}/chat/completions`, { method: 'POST', body: 'no' });
    assert.equal(reply.status, 400);
  });
});
