// Parse: from what stands in the configuration file to Settings, or to everything that is wrong with it at once.
import { isE164 } from '../call/admission.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { httpUrl, isLocalHost, isLoopbackHost } from './address.ts';
import { type Problem, problem, problemsOf } from './problem.ts';
import { CONFIG_PATH, type Config, configSchema, E164_HINT } from './schema.ts';
import type { CarrierSettings, Settings } from './settings.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export type ParsedConfig =
  | { readonly ok: true; readonly settings: Settings; readonly notices: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** The mock carrier phones nobody, so any number will do. */
const MOCK_NUMBER = '+15550000000';

/** Never throws, whatever `raw` is. Old names and doubtful settings are understood and noticed. */
export function parseConfig(raw: unknown, env: Env): ParsedConfig {
  const { config, problems } = read(raw ?? {});
  const notices: string[] = [];
  const settings = settingsOf(withEnv(modernised(config, notices), env));
  const reported = new Set(problems.map(({ key }) => key));
  const missing = settings.enabled && !reported.has('provider') ? checks(config, settings, env) : [];
  const all = [...problems, ...missing.filter(({ key }) => !reported.has(key))];
  if (all.length > 0) return { ok: false, problems: all.map(({ sentence }) => sentence) };
  return { ok: true, settings, notices: [...notices, ...doubts(settings)] };
}

/** What can be read of `raw`: options that are wrong are reported and then left out. */
function read(raw: unknown): { readonly config: Config; readonly problems: readonly Problem[] } {
  const first = configSchema.safeParse(raw);
  if (first.success) return { config: first.data, problems: [] };
  const problems = problemsOf(first.error.issues, raw);
  const rest = first.error.issues.reduce<unknown>(
    (left, issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.reduce<unknown>((less, key) => without(less, [...issue.path, key]), left)
        : without(left, issue.path),
    raw,
  );
  const second = configSchema.safeParse(rest);
  return { config: second.success ? second.data : configSchema.parse({}), problems };
}

/** `value` without what stands at `path`; a list loses all its items with one of them. */
function without(value: unknown, path: readonly PropertyKey[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof step === 'number' || typeof value !== 'object' || value === null)
    return {};
  const kept = Object.entries(value).filter(([key]) => key !== step);
  const inner = (value as Record<PropertyKey, unknown>)[step];
  const trimmed =
    rest.length > 0 && typeof rest[0] !== 'number' ? [[step, without(inner, rest)] as const] : [];
  return Object.fromEntries([...kept, ...trimmed]);
}

/** Old names give their value to the new ones, unless those are set. */
function modernised(config: Config, notices: string[]): Config {
  const { from, ...twilio } = config.twilio;
  const isLog = config.provider === 'log';
  if (isLog) notices.push(`${CONFIG_PATH}.provider "log" is an old name: it is read as "mock"`);
  if (from !== undefined) {
    const fate = config.fromNumber === undefined ? 'it is read as fromNumber' : 'fromNumber is set and wins';
    notices.push(`${CONFIG_PATH}.twilio.from is an old name: ${fate}`);
  }
  const fromNumber = config.fromNumber ?? from;
  return { ...config, twilio, provider: isLog ? 'mock' : config.provider, ...(fromNumber && { fromNumber }) };
}

/** The environment fills what the configuration leaves out, for the chosen carrier only. */
function withEnv(config: Config, env: Env): Config {
  if (config.provider !== 'twilio') return { ...config, fromNumber: config.fromNumber ?? MOCK_NUMBER };
  const { accountSid, authToken } = config.twilio;
  return {
    ...config,
    fromNumber: config.fromNumber ?? env['TWILIO_FROM_NUMBER'],
    twilio: {
      ...config.twilio,
      accountSid: accountSid ?? env['TWILIO_ACCOUNT_SID'],
      authToken: typeof authToken === 'string' ? authToken : env['TWILIO_AUTH_TOKEN'],
    },
  };
}

function settingsOf(config: Config): Settings {
  return {
    enabled: config.enabled,
    carrier: carrierOf(config),
    fromNumber: config.fromNumber ?? '',
    toNumber: config.toNumber ?? null,
    inboundPolicy: config.inboundPolicy,
    allowFrom: config.allowFrom,
    inboundGreeting: config.inboundGreeting,
    defaultMode: config.outbound.defaultMode,
    notifyHangupDelayMs: config.outbound.notifyHangupDelaySec * 1_000,
    maxDurationMs: config.maxDurationSeconds * 1_000,
    ringTimeoutMs: config.ringTimeoutMs,
    transcriptTimeoutMs: config.transcriptTimeoutMs,
    maxConcurrentCalls: config.maxConcurrentCalls,
    serve: { ...config.serve, path: normalPath(config.serve.path) },
    publicUrl: config.publicUrl ?? null,
    forwarding: config.webhookSecurity,
    agentId: config.agentId ?? null,
    sessionScope: config.sessionScope,
    responseModel: config.responseModel ?? null,
    responseSystemPrompt: config.responseSystemPrompt ?? null,
    responseTimeoutMs: config.responseTimeoutMs,
    language: Intl.getCanonicalLocales(config.language)[0] ?? config.language,
    voice: config.voice ?? null,
    store: config.store ?? null,
  };
}

function carrierOf({ provider, twilio, mock }: Config): CarrierSettings {
  if (provider !== 'twilio') return { name: 'mock', ...mock };
  return {
    name: 'twilio',
    accountSid: twilio.accountSid ?? '',
    authToken: typeof twilio.authToken === 'string' ? twilio.authToken : '',
    region: twilio.region,
    apiBaseUrl: twilio.apiBaseUrl ?? null,
  };
}

/** One leading slash, none at the end: the same path, however it was written. */
function normalPath(path: string): string {
  return `/${path.replace(/^\/+|\/+$/g, '')}`;
}

/** What a carrier cannot do without. `config` is as written, `settings` has the environment's values. */
function checks(config: Config, settings: Settings, env: Env): readonly Problem[] {
  const { carrier } = settings;
  if (carrier.name !== 'twilio') return [];
  return [
    ...credentialProblems(config, carrier, env),
    ...fromNumberProblems(settings.fromNumber),
    ...(carrier.apiBaseUrl === null
      ? publicUrlProblems(settings)
      : simulatorProblems(carrier.apiBaseUrl, settings)),
  ];
}

function credentialProblems(
  config: Config,
  carrier: Extract<CarrierSettings, { name: 'twilio' }>,
  env: Env,
): readonly Problem[] {
  const problems: Problem[] = [];
  if (carrier.accountSid === '') {
    problems.push(problem('twilio.accountSid', 'is required (or set TWILIO_ACCOUNT_SID env)'));
  } else if (!/^AC[0-9A-Za-z]+$/.test(carrier.accountSid)) {
    problems.push(problem('twilio.accountSid', 'is not valid: TWILIO_ACCOUNT_SID must start with "AC"'));
  }
  if (carrier.authToken === '') {
    const unresolved = typeof config.twilio.authToken === 'object' && !env['TWILIO_AUTH_TOKEN'];
    const why = unresolved ? ': its SecretRef could not be resolved, see the Gateway log' : '';
    problems.push(problem('twilio.authToken', `is required (or set TWILIO_AUTH_TOKEN env)${why}`));
  }
  return problems;
}

function fromNumberProblems(fromNumber: string): readonly Problem[] {
  if (fromNumber === '') return [problem('fromNumber', 'is required (or set TWILIO_FROM_NUMBER env)')];
  if (isE164(fromNumber)) return [];
  return [problem('fromNumber', `is ${JSON.stringify(fromNumber)} (TWILIO_FROM_NUMBER): ${E164_HINT}`)];
}

function publicUrlProblems({ publicUrl }: Settings): readonly Problem[] {
  if (publicUrl === null) {
    const cure = 'the carrier asks it what to say. Set it to the https address that leads to serve.port';
    return [problem('publicUrl', `is required: ${cure}`)];
  }
  const url = httpUrl(publicUrl);
  if (!url) return [notAnAddress];
  if (!isLocalHost(url)) return [];
  const { message, cure } = new VoiceCallError('VC_LOCAL_URL', { carrier: 'twilio', url: withoutUser(url) });
  return [problem('publicUrl', `cannot be used: ${message}. ${cure}`)];
}

const notAnAddress = problem(
  'publicUrl',
  'is not an http(s) address: write it as https://host/voice/webhook',
);

function simulatorProblems(apiBaseUrl: string, { publicUrl }: Settings): readonly Problem[] {
  const url = httpUrl(apiBaseUrl);
  const isSimulator = url?.protocol === 'http:' && isLoopbackHost(url);
  return [
    ...(isSimulator
      ? []
      : [
          problem(
            'twilio.apiBaseUrl',
            'is the address of a simulator: it must be http on 127.0.0.1, localhost or [::1]. Remove it to use Twilio',
          ),
        ]),
    ...(publicUrl === null || httpUrl(publicUrl) ? [] : [notAnAddress]),
  ];
}

/** Allowed, but perhaps not meant. */
function doubts(settings: Settings): readonly string[] {
  const notices: string[] = [];
  if (settings.inboundPolicy === 'allowlist' && settings.allowFrom.length === 0) {
    notices.push(`${CONFIG_PATH}.allowFrom is empty: with inboundPolicy "allowlist" nobody can call`);
  }
  if (settings.carrier.name === 'twilio' && settings.carrier.apiBaseUrl !== null) {
    notices.push(`${CONFIG_PATH}.twilio.apiBaseUrl is set: calls go to a simulator, no phone will ring`);
  } else if (settings.publicUrl?.startsWith('http:')) {
    notices.push(`${CONFIG_PATH}.publicUrl is http: what callers say travels unencrypted. Use https`);
  }
  if (settings.publicUrl !== null && httpUrl(settings.publicUrl)?.pathname === '/') {
    notices.push(`${CONFIG_PATH}.publicUrl has no path: the webhook is usually at ${settings.serve.path}`);
  }
  return notices;
}

function withoutUser(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
