// Tests of setup-methods.ts: the names and scopes of the methods, and what they refuse before anything is asked.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exposeMethod } from './expose-method.ts';
import { setupMethods } from './setup-methods.ts';

const methods = setupMethods(() => assert.fail('nothing is to be done'));
const from = { isTrusted: false };

describe('The methods of the set-up', () => {
  it('cost money, so that reading alone is not enough; what changes settings is for the owner alone', () => {
    assert.deepEqual(
      [...methods, exposeMethod(async () => assert.fail('nothing is to be shown'))].map(
        ({ name, scope }) => `${name} ${scope}`,
      ),
      [
        'voicecall.setup operator.write',
        'voicecall.setup.plan operator.write',
        'voicecall.setup.fix operator.admin',
        'voicecall.expose operator.admin',
      ],
    );
  });

  it('change nothing at the carrier without the list of what was shown', async () => {
    const fix = methods.find(({ name }) => name === 'voicecall.setup.fix');
    for (const params of [{}, { agreed: 'all' }, { agreed: [{ name: 'x' }] }, { agreed: [], more: 1 }]) {
      const answer = await fix?.handle(params, from);
      assert.equal(answer?.ok, false, JSON.stringify(params));
      assert.equal(answer?.ok === false && answer.error.code, 'INVALID_REQUEST');
    }
  });
});
