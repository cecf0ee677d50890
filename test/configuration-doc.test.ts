// docs/configuration.md says what the schema says: every key, and every old name.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keys } from '../src/config/keys.ts';
import { legacies } from '../src/config/legacy.ts';
import { environmentVariables } from '../src/config/manifest.ts';
import { configurationDoc } from '../tools/config-doc.ts';
import { written } from '../tools/print-docs.ts';

const doc = written('docs/configuration.md');

describe('docs/configuration.md', () => {
  it('is what the schema prints: after a change run "npm run docs"', () => {
    assert.equal(doc, configurationDoc());
  });

  it('has a row for every key a person may write, in one section each', () => {
    const rows = [...doc.matchAll(/^\| `([^`]+)` \| /gm)].map((match) => match[1] ?? '');
    assert.equal(new Set(rows).size, rows.length);
    for (const { path, node } of keys()) {
      const isSection = node.type === 'object' && node.properties !== undefined;
      if (isSection || path.startsWith('numbers.*.tts')) continue;
      assert.ok(rows.includes(path), path);
    }
    assert.doesNotMatch(doc, /^## Further$/m, 'a new key has a section of its own kind: tools/config-doc.ts');
  });

  it('names every variable and everything of old', () => {
    for (const name of environmentVariables()) assert.ok(doc.includes(`\`${name}\``), name);
    for (const { from } of legacies) {
      if (!from.startsWith('numbers.'))
        assert.match(doc, new RegExp(`^\\| \`${from.replaceAll(/[.*]/g, '\\$&')}\`.*\\| .+ \\|$`, 'm'));
    }
  });
});
