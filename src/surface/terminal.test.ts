// Tests of terminal.ts: what is typed is read line by line, and a secret is never shown.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { beforeEach, describe, it } from 'node:test';
import { type Ask, terminalAsk } from './terminal.ts';

describe('The terminal', () => {
  let input: PassThrough & { isTTY?: boolean };
  let output: PassThrough & { isTTY?: boolean };
  let shown: string;

  beforeEach(() => {
    input = Object.assign(new PassThrough(), { isTTY: true });
    output = Object.assign(new PassThrough(), { isTTY: true });
    shown = '';
    output.on('data', (chunk) => {
      shown += String(chunk);
    });
  });

  function open(): Ask {
    const ask = terminalAsk({ input, output });
    assert.ok(ask);
    return ask;
  }

  it('asks, shows what is typed, and gives it without the blanks around it', async () => {
    const answer = open()('Carrier: ');
    input.write('  twilio \r');
    assert.equal(await answer, 'twilio');
    assert.match(shown, /^Carrier: [\s\S]*twilio/);
  });

  it('shows nothing of what is secret, question after question', async () => {
    const ask = open();
    const secret = ask('Auth token: ', { hidden: true });
    input.write('hunter2\r');
    assert.equal(await secret, 'hunter2');
    assert.equal(shown, 'Auth token: \n');
    const next = ask('Number: ');
    input.write('+15550001234\r');
    assert.equal(await next, '+15550001234');
    assert.match(shown, /\+15550001234/);
  });

  it('stops when the keyboard is gone, or the person presses Ctrl-C', async () => {
    const ask = open();
    const interrupted = ask('Carrier: ');
    input.write('\u0003');
    await assert.rejects(interrupted, { code: 'VC_SETUP_STOPPED' });
    const gone = ask('Carrier: ');
    input.end();
    await assert.rejects(gone, /Nothing was changed: you stopped it/);
  });

  it('is nobody, where input or output is no terminal', () => {
    input.isTTY = false;
    assert.equal(terminalAsk({ input, output }), null);
    input.isTTY = true;
    output.isTTY = false;
    assert.equal(terminalAsk({ input, output }), null);
  });
});
