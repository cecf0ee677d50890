// Telephone: the one telephone of this Gateway, as the configuration stands: started, changed, restarted, said goodbye.
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';
import { type App, type Leaving, startApp } from '../app.ts';
import { changedKeys, keepsCalls, needsNewHouse } from '../config/reload.ts';
import type { Settings } from '../config/settings.ts';
import type { Told } from '../feed/feed.ts';
import { background } from '../lib/background.ts';
import { systemClock } from '../lib/clock.ts';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';
import { Health, type Trouble } from '../lib/health.ts';
import { newUuid } from '../lib/ids.ts';
import type { Log } from '../lib/log.ts';
import { Continues } from '../operation/continues.ts';
import type { VoiceService } from '../operation/verb.ts';
import { PhoneAgent } from './agent.ts';
import { agentRuns } from './agent-runs.ts';
import { hostConsultant, releasedWith } from './consult.ts';
import { openLiveAudio } from './live-audio.ts';
import { inNoContext } from './no-context.ts';
import { configIn, hostLog, ownerAgent, ownerlessNumbers, stateDirOf, storeDir } from './openclaw.ts';
import { type Slot, theSlot, type Wish } from './slot.ts';
import { tunnelsHere } from './tunnels.ts';

type Api = OpenClawPluginApi;
export type ServiceContext = Parameters<Parameters<Api['registerService']>[0]['start']>[0];
type HostConfig = ServiceContext['config'];

/** The running telephone with what the verbs need beside it. */
export interface Running extends App {
  readonly service: VoiceService;
  /** The instance of the plugin it belongs to; another one starts its own. */
  readonly owner: Telephone;
  settings: Settings;
}

/** What the host says when the Gateway goes for good; a restart and a new version of us have other words. */
const FOR_GOOD = 'gateway stopping';
const CURE = 'Run "voicecall setup" at a terminal: it asks for what is missing';
/** Of this process, whoever in it asks. */
const INSTANCE = newUuid();

export class Telephone {
  readonly #api: Api;
  readonly #log: Log;
  readonly #slot: Slot<Running> = theSlot<Running>();
  readonly #health: Health;
  readonly #told = new Set<string>();
  #context: ServiceContext | null = null;
  #isLast = false;
  #isStopping = false;

  constructor(api: Api) {
    this.#api = api;
    this.#log = hostLog(api);
    this.#health = new Health(systemClock, this.#log);
    this.#health.listen((troubles) => tellHost(this.#context?.serviceHealth, troubles));
    this.#slot.expect();
  }

  /** The service starts. Resolves when that was tried: a telephone that cannot start now comes up by itself later. */
  async start(context: ServiceContext): Promise<void> {
    this.#context = context;
    this.#isLast = false;
    this.#isStopping = false;
    await inNoContext(() => this.#configure(context.config));
  }

  /** The configuration may have changed: ours, the host's speech, its agents. */
  changed(config: HostConfig): void {
    // While goodbyes are said, an edit begins no other telephone that nobody would stop.
    if (this.#context === null || this.#isStopping) return;
    // It goes on after the host's reload, whose view of all plugins ends with it.
    inNoContext(() => background(this.#configure(config), 'taking up the changed configuration', this.#log));
  }

  /** The Gateway stops, for this reason; the service is stopped next. */
  leaving(reason: string | undefined): void {
    this.#isLast = reason === FOR_GOOD;
  }

  /** The service stops. When the Gateway comes back, calls go on; when it goes for good, they are told goodbye. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#slot.stop('the Gateway stopped it', this.#isLast ? 'goodbye' : 'handOver', this.#log);
    this.#context = null;
  }

  async #configure(config: HostConfig): Promise<void> {
    const parsed = configIn(config);
    if (!parsed.ok) return this.#refuse(parsed.problems);
    this.#health.well('config');
    const { settings, notices } = parsed;
    this.#tellOnce([...notices, ...ownerlessNumbers(this.#api, settings)]);
    if (!settings.enabled) {
      this.#health.well('start');
      return this.#slot.stop(new VoiceCallError('VC_DISABLED').message, 'goodbye', this.#log);
    }
    await this.#slot.want(this.#wish(settings));
  }

  /** What runs goes on as it was: calls are not lost to a slip of the pen. */
  async #refuse(problems: readonly string[]): Promise<void> {
    const why = problems.join('; ');
    if (this.#slot.running?.owner === this) {
      this.#health.trouble('config', new VoiceCallError('VC_CONFIG_REFUSED', { problems: why }));
      return;
    }
    this.#tellOnce([`setup is incomplete, the telephone is not started: ${why}. ${CURE}`]);
    await this.#slot.stop(why, 'goodbye', this.#log);
  }

  #wish(settings: Settings): Wish<Running> {
    return {
      log: this.#log,
      keeps: (running) => this.#keeps(running, settings),
      leaving: (running): Leaving => (keepsCalls(running.settings, settings) ? 'handOver' : 'goodbye'),
      make: (signal) => this.#make(settings, signal),
      runs: () => this.#health.well('start'),
      failed: (error, againAfterMs) => {
        this.#health.trouble('start', error);
        this.#log.debug('the telephone could not start', { why: error.message, againAfterMs });
      },
    };
  }

  #keeps(running: Running, settings: Settings): boolean {
    if (running.owner !== this) return false;
    const changed = changedKeys(running.settings, settings);
    if (needsNewHouse(changed)) {
      this.#log.info('the configuration changed: building the telephone anew', { keys: changed.join(' ') });
      return false;
    }
    if (changed.length > 0) {
      running.settings = settings;
      this.#log.info('the configuration changed: the next call has it', { keys: changed.join(' ') });
    }
    running.refresh();
    return true;
  }

  async #make(settings: Settings, signal: AbortSignal): Promise<Running> {
    const api = this.#api;
    const log = this.#log;
    const host = { runtime: api.runtime, clock: systemClock, newId: newUuid, log };
    const phoneAgent = new PhoneAgent({ runs: agentRuns(host), clock: systemClock, log });
    const consultant = settings.realtime && hostConsultant(host, settings.realtime);
    const now = { settings };
    const live = await openLiveAudio(api, { settings: () => now.settings, log, consultant });
    const stateDir = stateDirOf(api);
    const app = await startApp({
      settings,
      settingsNow: () => now.settings,
      log,
      clock: systemClock,
      newId: newUuid,
      health: this.#health,
      agent: consultant ? releasedWith(phoneAgent, consultant) : phoneAgent,
      live,
      ownerAgent: (configured) => ownerAgent(api, configured),
      storeDir: storeDir(api, settings.store),
      identity: { instance: INSTANCE, pid: process.pid, stateDir },
      tunnelFor: tunnelsHere(storeDir(api, settings.store)),
      tell: (told) => this.#tell(told),
      signal,
    });
    const service: VoiceService = {
      phone: app.phone,
      health: app.health,
      watch: app.watch,
      get defaults() {
        const { toNumber, defaultMode: mode, transcriptTimeoutMs } = now.settings;
        return { toNumber, mode, transcriptTimeoutMs };
      },
      continues: new Continues(systemClock, newUuid),
      testPhones: app.testPhones ?? null,
    };
    return {
      ...app,
      service,
      owner: this,
      get settings() {
        return now.settings;
      },
      set settings(next) {
        now.settings = next;
      },
    };
  }

  #tell({ name, payload }: Told): void {
    try {
      // The host's type asks for mutable JSON; the feed tells plain JSON, read-only.
      this.#context?.gatewayEvents?.emit(name, payload as never, { scope: 'operator.read' });
    } catch (error) {
      // The host takes no more events of a service that it stops; a call goes on whoever looks.
      this.#log.debug('an event could not be told', { event: name, error: reasonOf(error) });
    }
  }

  /** What stays as it is from edit to edit is said once. */
  #tellOnce(notices: readonly string[]): void {
    for (const notice of notices.filter((one) => !this.#told.has(one))) this.#log.warn(notice);
    this.#told.clear();
    for (const notice of notices) this.#told.add(notice);
  }
}

/** The host knows one failure per service: ours is the list of what does not work. */
function tellHost(serviceHealth: ServiceContext['serviceHealth'], troubles: readonly Trouble[]): void {
  if (troubles.length === 0) serviceHealth?.clearFailure();
  else
    serviceHealth?.reportFailure(
      new Error(troubles.map(({ message, cure }) => `${message}. ${cure}`).join(' ')),
    );
}
