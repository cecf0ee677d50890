// Tests of the Consultant as it asks the host: what of the policy and of the caller reaches a run of the agent.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseConfig } from '../config/parse.ts';
import type { RealtimeSettings } from '../config/realtime.ts';
import { systemClock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { AgentHost } from './agent-session.ts';
import { hostConsultant, type PhoneConsultant } from './consult.ts';

type RunParams = Parameters<AgentHost['agent']['runEmbeddedAgent']>[0];

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
let workspaceDir = '';

before(async () => {
  workspaceDir = await mkdtemp(join(tmpdir(), 'consult-'));
  await writeFile(join(workspaceDir, 'SOUL.md'), 'Kind.');
});
after(() => rm(workspaceDir, { recursive: true }));

function settingsOf(realtime: object): RealtimeSettings {
  const parsed = parseConfig({ inboundPolicy: 'open', realtime: { enabled: true, ...realtime } }, {});
  assert.ok(parsed.ok && parsed.settings.realtime);
  return parsed.settings.realtime;
}

/** As much of the host as a run needs; it has no store that could be written. */
function setup(realtime: object): { readonly runs: RunParams[]; readonly consultant: PhoneConsultant } {
  const runs: RunParams[] = [];
  const agent: AgentHost['agent'] = {
    session: {
      resolveStorePath: () => join(workspaceDir, 'no-store'),
      getSessionEntry: () => undefined,
      upsertSessionEntry: async () => {
        throw new Error('there is no store');
      },
    },
    resolveAgentWorkspaceDir: () => workspaceDir,
    resolveAgentDir: () => workspaceDir,
    resolveAgentIdentity: () => ({ name: 'Molty' }),
    ensureAgentWorkspace: async () => ({ dir: workspaceDir }),
    runEmbeddedAgent: async (params) => {
      runs.push(params);
      return { payloads: [{ text: 'It is noon.' }], meta: { durationMs: 1 } };
    },
  };
  const runtime: AgentHost = { agent, config: { current: () => ({}) } };
  const host = { runtime, clock: systemClock, newId: () => 'n1', log };
  return { runs, consultant: hostConsultant(host, settingsOf(realtime)) };
}

function ask(consultant: PhoneConsultant): Promise<string> {
  return consultant.ask({
    callId: 'c1',
    agentId: 'main',
    sessionKey: 'agent:main:voice:15550001234',
    requesterSessionKey: null,
    question: 'What time is it?',
    context: null,
    responseStyle: null,
    transcript: [],
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });
}

describe('a run of the agent behind a voice model', () => {
  it('may read and search, inside its workspace, for somebody who is not the owner', async () => {
    const { consultant, runs } = setup({ consultThinkingLevel: 'low', consultFastMode: true });
    assert.equal(await ask(consultant), 'It is noon.');
    const [run] = runs;
    assert.equal(run?.senderIsOwner, false);
    assert.equal(run?.requireWorkspaceOnly, true);
    assert.deepEqual(run?.toolsAllow?.toSorted(), [
      'memory_get',
      'memory_search',
      'read',
      'web_fetch',
      'web_search',
      'x_search',
    ]);
    assert.deepEqual([run?.thinkLevel, run?.fastMode], ['low', true]);
    await consultant.release('c1');
  });

  it('may do what the agent may do anyway when the owner says so, and is still not theirs', async () => {
    const { consultant, runs } = setup({ toolPolicy: 'owner' });
    await ask(consultant);
    const [run] = runs;
    assert.ok(run);
    assert.equal(run.senderIsOwner, false);
    for (const key of ['toolsAllow', 'requireWorkspaceOnly', 'thinkLevel', 'fastMode']) {
      assert.equal(Object.hasOwn(run, key), false, key);
    }
    await consultant.release('c1');
  });

  it('has a lane of its own and leaves no row behind that the host would run again', async () => {
    const { consultant, runs } = setup({});
    await ask(consultant);
    const [run] = runs;
    assert.equal(run?.lane, 'voice:c1:consult');
    assert.equal(run?.sessionPersistence, 'detached');
    assert.equal(run?.sessionTarget, undefined);
    assert.notEqual(run?.sessionKey, 'agent:main:voice:15550001234');
    assert.equal(run?.sandboxSessionKey, 'agent:main:voice:15550001234');
    await consultant.release('c1');
  });
});

describe('who the agent is', () => {
  it('comes from the host and the workspace, when it is to be told', async () => {
    const { consultant } = setup({ agentContext: { enabled: true, files: ['SOUL.md'] } });
    assert.equal(await consultant.capsule('main'), 'Agent: main\nname: Molty\n\nSOUL.md:\nKind.');
    assert.equal(await setup({}).consultant.capsule('main'), '');
  });
});
