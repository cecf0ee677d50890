// docs/cli.md and docs/tool-and-rpc.md are printed from the code, and leave out no command, method or action.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verbs } from '../src/operation/index.ts';
import { exposeMethod } from '../src/surface/expose-method.ts';
import { rpcMethods } from '../src/surface/rpc.ts';
import { setupMethods } from '../src/surface/setup-methods.ts';
import { toolActions } from '../src/surface/tool.ts';
import { apiDoc } from '../tools/api-doc.ts';
import { actionExamples } from '../tools/api-examples.ts';
import { allCommands, cliDoc } from '../tools/cli-doc.ts';
import { written } from '../tools/print-docs.ts';

const closed = (): never => assert.fail('nothing is asked here');

describe('docs/cli.md', () => {
  const doc = written('docs/cli.md');

  it('is what the commands print: after a change run "npm run docs"', () => {
    assert.equal(doc, cliDoc());
  });

  it('has a section for every command, and a row for every option', () => {
    for (const { name, command } of allCommands()) {
      const [, section = ''] = doc.split(new RegExp(`^## voicecall ${name}(?: [<[].+)?$`, 'm'));
      const [own = ''] = section.split(/^## /m);
      assert.match(own, new RegExp(`^voicecall ${name}`, 'm'), name);
      for (const { flags } of command.options)
        assert.ok(own.includes(`| \`${flags}\` |`), `${name} ${flags}`);
    }
  });
});

describe('docs/tool-and-rpc.md', () => {
  const doc = written('docs/tool-and-rpc.md');

  it('is what the verbs print: after a change run "npm run docs"', () => {
    assert.equal(doc, apiDoc());
  });

  it('has a section for every method, with its scope, and for none that does not exist', () => {
    const methods = [...rpcMethods(closed), ...setupMethods(closed), exposeMethod(closed)];
    assert.ok(methods.length > Object.keys(verbs).length);
    const sections = [...doc.matchAll(/^### (.+)$/gm)].map(([, name]) => name);
    assert.deepEqual(
      sections,
      methods.map(({ name }) => name),
    );
    for (const { name, scope } of methods) assert.ok(doc.includes(`| \`${name}\` | \`${scope}\` |`), name);
  });

  it('has an example for every action of the tool', () => {
    assert.deepEqual(Object.keys(actionExamples), Object.keys(toolActions));
  });
});
