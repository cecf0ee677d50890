// Bench: what one durable step costs, beside the alternatives we did not choose: JSONL with fsync, WAL without fsync.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newOutboundCall } from '../src/call/new-call.ts';
import { openJournal } from '../src/record/journal.ts';

const ROUNDS = 2_000;
const dir = mkdtempSync(join(tmpdir(), 'voice-call-bench-'));
const call = newOutboundCall({
  id: 'bench',
  carrier: 'mock',
  asks: false,
  from: '+15550000000',
  to: '+15550001111',
  at: 0,
  mode: 'conversation',
  requesterSessionKey: null,
  answerByMs: 45_000,
  settings: {
    agentId: 'main',
    sessionKey: 'agent:main:voice:15550001111',
    greeting: 'Hello, this is a message of ordinary length for a phone call.',
    language: 'en-US',
    voice: null,
    responseModel: null,
    responseSystemPrompt: null,
    responseTimeoutMs: 30_000,
    ringTimeoutMs: 30_000,
    maxDurationMs: 300_000,
    transcriptTimeoutMs: 180_000,
    notifyHangupDelayMs: 3_000,
    stream: false,
    voiceModel: false,
    sensitivity: 'medium',
    silenceTimeoutMs: 800,
    tts: null,
    dtmfSequence: null,
    numberRoute: null,
  },
});

function measure(name: string, once: (round: number) => void): void {
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const from = process.hrtime.bigint();
    once(round);
    took.push(Number(process.hrtime.bigint() - from) / 1e6);
  }
  took.sort((a, b) => a - b);
  const at = (share: number): string => (took[Math.floor(took.length * share)] ?? 0).toFixed(3).padStart(8);
  console.log(`${name.padEnd(38)} p50 ${at(0.5)} ms   p95 ${at(0.95)} ms   p99 ${at(0.99)} ms`);
}

try {
  const journal = openJournal(join(dir, 'ours'));
  measure('journal.save of a step that begins', (at) => journal.save(call, { kind: 'began', at }));
  measure('journal.save of any other step', (at) => journal.save(call, { kind: 'bench', at }));
  journal.close();

  const relaxed = new DatabaseSync(join(dir, 'relaxed.sqlite'));
  relaxed.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (v TEXT)');
  const insert = relaxed.prepare('INSERT INTO t VALUES (?)');
  measure('sqlite insert (WAL, synchronous=NORMAL)', () => insert.run(JSON.stringify(call)));
  relaxed.close();

  const file = openSync(join(dir, 'calls.jsonl'), 'a');
  measure('JSONL append + fdatasync', () => {
    writeSync(file, `${JSON.stringify(call)}\n`);
    fdatasyncSync(file);
  });
  closeSync(file);
} finally {
  rmSync(dir, { recursive: true, force: true });
}
