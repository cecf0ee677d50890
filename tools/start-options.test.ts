// Tests of what `npm start` understands.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseOptions, requireKey } from './start-options.ts';
import { Trouble } from './terminal.ts';

const known = [{ id: 'openai', envVars: ['OPENAI_API_KEY'] }];

describe('the options of npm start', () => {
  it('are all optional', () => {
    assert.deepEqual(parseOptions([]), { once: false, help: false, model: null });
  });

  it('are understood together', () => {
    const options = parseOptions(['--once', '--model', 'openai/gpt-5.4']);
    assert.deepEqual(options, { once: true, help: false, model: 'openai/gpt-5.4' });
  });

  it('answer what they do not know with one sentence and the usage', () => {
    assert.throws(
      () => parseOptions(['--twice']),
      (error) => {
        assert.ok(error instanceof Trouble);
        assert.equal(error.message, "Unknown option '--twice'.");
        assert.match(error.cure, /Usage: npm start/);
        return true;
      },
    );
  });

  it('want a model named with its provider', () => {
    assert.throws(() => parseOptions(['--model', 'gpt']), /"gpt" is not a model/);
  });

  it('name the variable of a missing key', () => {
    assert.throws(() => requireKey('openai/gpt-5.4', known, {}), /OPENAI_API_KEY is not set/);
    requireKey('openai/gpt-5.4', known, { OPENAI_API_KEY: 'sk' });
  });

  it('leave local servers and unknown providers to OpenClaw', () => {
    requireKey('ollama/llama3', [{ id: 'ollama', envVars: ['OLLAMA_API_KEY'] }], {});
    requireKey('somebody/model', known, {});
  });
});
