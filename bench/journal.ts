// Bench: what one durable step costs, beside the alternatives we did not choose: JSONL with fsync, WAL without fsync.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { newOutboundCall } from '../src/call/new-call.ts';
import { openJournal } from '../src/record/journal.ts';
import { scratchFolder } from '../tools/scratch.ts';
import { HEAD, keep, type Measured, machine, option, print, printRow, type Row, rowOf } from './figures.ts';

const SAVES = Number(option('saves') ?? 2_000);
const dir = scratchFolder('bench');
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

const rows: Row[] = [];
function measure(measured: Measured, once: (round: number) => void): void {
  const took = Array.from({ length: SAVES }, (_, round) => {
    const from = performance.now();
    once(round);
    return performance.now() - from;
  });
  const row = rowOf({ ...measured, id: `journal.${measured.id}` }, took);
  rows.push(row);
  printRow(row);
}

print(`One step of a call, saved; ms. ${machine()}`);
print(HEAD);

const journal = openJournal(join(dir, 'ours'));
measure(
  { id: 'begins', what: 'a step that begins or ends a call, on the disk', beside: 'journal.jsonl' },
  (at) => journal.save(call, { kind: 'began', at }),
);
measure({ id: 'other', what: 'any other step, safe from a crash of ours', beside: 'journal.relaxed' }, (at) =>
  journal.save(call, { kind: 'bench', at }),
);
journal.close();

const relaxed = new DatabaseSync(join(dir, 'relaxed.sqlite'));
relaxed.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (v TEXT)');
const insert = relaxed.prepare('INSERT INTO t VALUES (?)');
measure({ id: 'relaxed', what: 'a bare sqlite insert (WAL, synchronous=NORMAL)' }, () =>
  insert.run(JSON.stringify(call)),
);
relaxed.close();

const file = openSync(join(dir, 'calls.jsonl'), 'a');
measure({ id: 'jsonl', what: 'a bare line of JSON and fdatasync' }, () => {
  writeSync(file, `${JSON.stringify(call)}\n`);
  fdatasyncSync(file);
});
closeSync(file);

print(`  figures: ${keep('journal', rows)}`);
