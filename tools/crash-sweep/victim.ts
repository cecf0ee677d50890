// Victim: our whole app in a process of its own, on a clock that the sweep moves; at one point it dies by SIGKILL.
import { Activity } from '../../sim/activity.ts';
import { liveHere } from '../../sim/live-here.ts';
import { placeRequest } from '../../sim/place-request.ts';
import { StoryClock } from '../../sim/story-clock.ts';
import { type App, type AppDeps, startApp } from '../../src/app.ts';
import type { Cancel } from '../../src/lib/clock.ts';
import { reasonOf } from '../../src/lib/errors.ts';
import type { Journal } from '../../src/record/journal.ts';
import { KeptLog, ownerAmong, ScriptedAgent } from '../../test/story/line.ts';
import type { FromVictim, Sin, Start, ToVictim } from './orders.ts';

const activity = new Activity();
const points: string[] = [];
const faults: string[] = [];
let moves = 0;
let dieAt: number | null = null;

function moved(): void {
  moves += 1;
  activity.touch();
}

/** Here a process may die. SIGKILL to oneself takes effect before the next line. */
function point(label: string): void {
  moved();
  points.push(label);
  if (points.length === dieAt) process.kill(process.pid, 'SIGKILL');
}

function around<T>(label: string, write: () => T): T {
  point(`before ${label}`);
  const done = write();
  point(`after ${label}`);
  return done;
}

/** A clock whose every use counts as activity: whoever sets a timer is at work. */
class CountedClock extends StoryClock {
  override at(atMs: number, run: () => void): Cancel {
    moved();
    return super.at(atMs, () => {
      moved();
      run();
    });
  }
}

/** Every durable write of the store. */
function watchedJournal(journal: Journal, sin: Sin | null, unsaved: (() => void)[]): Journal {
  const writes: Partial<Journal> = {
    save: (call, event) => {
      const save = (): void => around(`save ${event.kind}`, () => journal.save(call, event));
      const isDial = event.kind === 'began' && call.direction === 'outbound';
      if (sin === 'dial before it is saved' && isDial) unsaved.push(save);
      else save();
    },
    atOnce: (work) => around('commit at once', () => journal.atOnce(work)),
    keepReply: (key, reply, at) => {
      if (sin !== 'forget replies') around('keep reply', () => journal.keepReply(key, reply, at));
    },
    forgetReplies: (beforeMs) => around('forget replies', () => journal.forgetReplies(beforeMs)),
    adopt: (calls) => around('adopt calls', () => journal.adopt(calls)),
    keepNote: (name, text) => around('keep note', () => journal.keepNote(name, text)),
    forget: (tooOld) => around('forget calls', () => journal.forget(tooOld)),
    pairings: {
      load: () => journal.pairings.load(),
      save: (book) => around('save pairings', () => journal.pairings.save(book)),
    },
  };
  return new Proxy(journal, {
    get: (target, name) => {
      const own: unknown = Reflect.get(writes, name) ?? Reflect.get(target, name, target);
      return typeof own === 'function' ? own.bind(target) : own;
    },
  });
}

/** Every request to the carrier: before it is sent, and when it was answered but nobody has read that yet. */
function seams(sin: Sin | null): NonNullable<AppDeps['seams']> {
  const unsaved: (() => void)[] = [];
  return {
    journal: (journal) => watchedJournal(journal, sin, unsaved),
    transport: (transport) => async (request, signal) => {
      const what = `${request.method} ${actionOf(request.url)}`;
      point(`before ${what}`);
      const response = await transport(request, signal);
      point(`after ${what}`);
      for (const save of unsaved.splice(0)) save();
      return response;
    },
  };
}

/** The last word of a path that is no id: `Calls.json`, `speak`, `Call`. */
function actionOf(url: string): string {
  const words = new URL(url).pathname.split('/').filter((word) => /^[a-z_.]+$/i.test(word));
  return words.at(-1) ?? '';
}

async function started({ settings, storeDir, nowMs, streams, sin }: Start): Promise<Running> {
  const clock = new CountedClock(nowMs);
  const log = new KeptLog();
  let ids = 0;
  const app = await startApp({
    settings,
    clock,
    log,
    agent: new ScriptedAgent((turn) => `You said: ${turn.words}`),
    live: streams ? liveHere(clock) : null,
    storeDir,
    newId: () => `id-${nowMs}-${++ids}`,
    ownerAgent: ownerAmong(undefined),
    tell: moved,
    seams: seams(sin),
  });
  const ready = log.lines.findLast(({ fields }) => fields['port'] !== undefined);
  if (sin === 'dial again after a restart') {
    for (const { to } of app.phone.list(10))
      void place(app, { kind: 'place', mode: 'notify', to }).catch(moved);
  }
  return { app, clock, log, port: Number(ready?.fields['port']) };
}

interface Running {
  readonly app: App;
  readonly clock: StoryClock;
  readonly log: KeptLog;
  readonly port: number;
}

/** What is asked of the telephone goes on by itself; what comes of it shows at the carrier and in the store. */
function obey({ app, clock }: Running, order: Exclude<ToVictim, Start>): void | Promise<void> {
  switch (order.kind) {
    case 'settle':
      return;
    case 'advance':
      return clock.advance(order.toMs - clock.now());
    case 'place':
      return void place(app, order).catch((error: unknown) => void faults.push(`place: ${reasonOf(error)}`));
    case 'end':
      for (const call of app.phone.list(10)) {
        app.phone.end(call.id, { sessionKey: null }).catch(() => undefined);
      }
  }
}

async function place(app: App, { mode, to }: Extract<ToVictim, { kind: 'place' }>): Promise<void> {
  await app.phone.place(placeRequest({ to, mode }));
}

let running: Running | null = null;

async function answer(order: ToVictim): Promise<FromVictim> {
  if (order.kind === 'start') {
    dieAt = order.dieAt;
    running = await started(order);
  } else if (running) await obey(running, order);
  await activity.idle(10);
  const errors = running?.log.lines.filter(({ level }) => level === 'error') ?? [];
  return {
    port: running?.port ?? 0,
    nextAt: running?.clock.nextAt ?? null,
    moves,
    points,
    troubles: running?.app.health.troubles().map(({ code }) => code) ?? [],
    faults: [...faults, ...errors.map(({ text, fields }) => `${text} ${JSON.stringify(fields)}`)],
  };
}

process.on('message', (order: ToVictim) => {
  answer(order).then(
    (answered) => process.send?.(answered),
    (error: unknown) => {
      process.stderr.write(`victim: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
