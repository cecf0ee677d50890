// The session of a caller in a real Gateway: remembered by the next call, and never left running by a power cut.
import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { systemClock, wait } from '../../src/lib/clock.ts';
import { Home, type View } from './home.ts';

const from = '+15550001234';
const sessionKey = 'agent:main:voice:15550001234';
const ended = (call: View): boolean => typeof call['endReason'] === 'string';

describe('The session of a caller', () => {
  let home: Home;

  before(async () => {
    const { home: installed, installed: result } = await Home.install();
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    const mock = { says: ['Hello.'], answerAfterMs: 100, pace: 50 };
    await home.start({ provider: 'mock', mock, inboundPolicy: 'open', sessionScope: 'per-phone' });
  });
  after(() => home?.remove());

  async function ring(says: readonly string[]): Promise<View> {
    const { callId } = await home.rpc<{ callId: string }>('voicecall.ring', { from, says }, 60_000);
    return home.call(callId, ended);
  }

  it('tells the model in the second call what was said in the first', async () => {
    await ring(['My name is Ada Lovelace.']);
    await until(() => statusOfRow(home) === 'done');
    await ring(['Who am I?']);
    const said = home.model.requests.at(-1)?.said.join('\n') ?? '';
    assert.match(said, /My name is Ada Lovelace\.[\s\S]*Who am I\?/);
  });

  it('is not left running when the power goes out in the middle of a turn', async () => {
    home.model.setFault('hang');
    const before = home.model.requests.length;
    await home.rpc('voicecall.ring', { from, says: ['Are you still there?'] }, 60_000);
    await until(() => home.model.requests.length > before);
    await home.gateway.kill();
    // A row left running is run again by the host at its next start, when nobody is on the phone any more.
    assert.equal(statusOfRow(home), 'done');
  });
});

/** As the host keeps it; null while there is no such session. */
function statusOfRow({ stateDir }: Home): unknown {
  const file = path.join(stateDir, 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database.prepare('SELECT status FROM session_nodes WHERE session_key = ?').get(sessionKey);
    return row?.['status'] ?? null;
  } finally {
    database.close();
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = systemClock.now() + 60_000;
  while (!isSo()) {
    if (systemClock.now() > deadline) throw new Error('it did not come about within a minute');
    await wait(systemClock, 100);
  }
}
