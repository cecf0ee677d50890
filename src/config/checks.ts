// Checks: what a carrier cannot do without, what would be dangerous, and what is allowed but hardly meant.
import { VoiceCallError } from '../lib/errors.ts';
import { httpUrl, isLocalHost, isLoopbackHost } from './address.ts';
import { credentialProblems, type RealCarrier } from './credentials.ts';
import { type Problem, problem } from './problem.ts';
import { CONFIG_PATH, type Config } from './schema.ts';
import type { Settings } from './settings.ts';
import { tunnelDoubts, tunnelProblems } from './tunnel-checks.ts';

/** Everything that keeps the telephone from starting. `config` is as written, `settings` is complete. */
export function checks(config: Config, settings: Settings): readonly Problem[] {
  const { carrier } = settings;
  const unsigned = settings.skipSignatureVerification ? exposureProblems(settings) : [];
  const common = [...unsigned, ...realtimeProblems(settings), ...tunnelProblems(config)];
  if (carrier.name === 'mock') return common;
  return [
    ...credentialProblems(config, carrier),
    ...fromNumberProblems(settings.fromNumber, carrier),
    ...(carrier.apiBaseUrl === null
      ? publicUrlProblems(settings, carrier)
      : simulatorProblems(carrier.apiBaseUrl, settings.publicUrl, carrier)),
    ...common,
  ];
}

function realtimeProblems({ realtime, streaming, inboundPolicy }: Settings): readonly Problem[] {
  if (realtime === null) return [];
  const both = 'and streaming.enabled are both true: only one of them can hold a conversation. Turn one off';
  return [
    ...(streaming === null ? [] : [problem('realtime.enabled', both)]),
    ...(inboundPolicy === 'disabled'
      ? [problem('inboundPolicy', 'must not be "disabled" when realtime.enabled is true')]
      : []),
  ];
}

function fromNumberProblems(fromNumber: string, { name }: RealCarrier): readonly Problem[] {
  if (fromNumber === '') {
    return [
      problem('fromNumber', `is required${name === 'twilio' ? ' (or set TWILIO_FROM_NUMBER env)' : ''}`),
    ];
  }
  return [];
}

function publicUrlProblems({ publicUrl, tunnel }: Settings, carrier: RealCarrier): readonly Problem[] {
  if (publicUrl === null) {
    if (tunnel !== null) return [];
    const address = 'Set it to the https address that leads to serve.port';
    const cure = `the carrier asks it what to say. ${address}, or set tunnel.provider or tailscale.mode`;
    return [problem('publicUrl', `is required: ${cure}`)];
  }
  const url = httpUrl(publicUrl);
  if (!url) return [notAnAddress];
  if (!isLocalHost(url)) return [];
  const fields = { carrier: carrier.name, url: `${url.origin}${url.pathname}` };
  const { message, cure } = new VoiceCallError('VC_LOCAL_URL', fields);
  return [problem('publicUrl', `cannot be used: ${message}. ${cure}`)];
}

const notAnAddress = problem(
  'publicUrl',
  'is not an http(s) address: write it as https://host/voice/webhook',
);

function simulatorProblems(
  apiBaseUrl: string,
  publicUrl: string | null,
  { name }: RealCarrier,
): readonly Problem[] {
  const isSimulator = isLoopback(apiBaseUrl) && httpUrl(apiBaseUrl)?.protocol === 'http:';
  const what = 'is the address of a simulator: it must be http on 127.0.0.1, localhost or [::1]';
  return [
    ...(isSimulator ? [] : [problem(`${name}.apiBaseUrl`, `${what}. Remove it to use ${title(name)}`)]),
    ...(publicUrl === null || httpUrl(publicUrl) ? [] : [notAnAddress]),
  ];
}

/** Without signatures anybody who reaches the port speaks for the carrier: nobody but this machine may. */
function exposureProblems({ carrier, serve, publicUrl, tunnel }: Settings): readonly Problem[] {
  const isSimulated = carrier.name === 'mock' || isLoopback(carrier.apiBaseUrl ?? '');
  const exposed = [
    ...(isLoopback(`http://${serve.bind.includes(':') ? `[${serve.bind}]` : serve.bind}`)
      ? []
      : ['serve.bind']),
    ...(publicUrl === null || isLoopback(publicUrl) ? [] : ['publicUrl']),
    ...(tunnel === null ? [] : [`the ${tunnel.kind} tunnel`]),
    ...(isSimulated ? [] : [`${carrier.name}.apiBaseUrl`]),
  ];
  if (exposed.length === 0) return [];
  const why = 'anybody could speak for the carrier. It is for a simulator on this machine';
  const what = `is refused: ${why}, so ${exposed.join(' and ')} must be loopback. Remove it`;
  return [problem('skipSignatureVerification', what)];
}

/** Allowed, but perhaps not meant. */
export function doubts(config: Config, settings: Settings): readonly string[] {
  const { carrier, publicUrl, staleAfterMs } = settings;
  const notices: string[] = [];
  const notice = (key: string, what: string): unknown => notices.push(`${CONFIG_PATH}.${key} ${what}`);
  if (settings.skipSignatureVerification) {
    notices.push(
      `SECURITY WARNING: ${CONFIG_PATH}.skipSignatureVerification is on: webhooks are believed without a signature`,
    );
  }
  if (settings.inboundPolicy === 'allowlist' && settings.allowFrom.length === 0) {
    notice('allowFrom', 'is empty: with inboundPolicy "allowlist" nobody can call');
  }
  if (carrier.name !== 'mock' && carrier.apiBaseUrl !== null) {
    notice(`${carrier.name}.apiBaseUrl`, 'is set: calls go to a simulator, no phone will ring');
  } else if (publicUrl?.startsWith('http:')) {
    notice('publicUrl', 'is http: what callers say travels unencrypted. Use https');
  }
  if (publicUrl !== null && httpUrl(publicUrl)?.pathname === '/') {
    notice('publicUrl', `has no path: the webhook is usually at ${settings.serve.path}`);
  }
  if (staleAfterMs !== null && staleAfterMs < settings.ringTimeoutMs) {
    notice('staleCallReaperSeconds', 'is shorter than ringTimeoutMs: calls are given up while they ring');
  }
  for (const [key, what] of [...tunnelDoubts(config), ...audioDoubts(config, settings)]) notice(key, what);
  return notices;
}

type Doubt = readonly [key: string, what: string];

/** About who speaks and hears. */
function audioDoubts(config: Config, settings: Settings): readonly Doubt[] {
  const { tts, numbers } = config;
  const { carrier, streaming, realtime } = settings;
  const doubtful: Doubt[] = [];
  const silent = 'is on: the mock carrier has no media stream, so its scripted person speaks as text';
  if (carrier.name === 'mock' && streaming !== null) doubtful.push(['streaming', silent]);
  if (carrier.name === 'mock' && realtime !== null) doubtful.push(['realtime', silent]);
  const hasTts = tts !== undefined || Object.values(numbers).some((route) => route.tts !== undefined);
  if (hasTts && streaming === null) {
    const who = realtime === null ? 'the carrier speaks' : 'a voice model or the carrier speaks';
    doubtful.push(['tts', `names the voice and nothing else: ${who}, not a speech provider`]);
  }
  return [...doubtful, ...realtimeDoubts(config, settings)];
}

function realtimeDoubts({ realtime }: Config, settings: Settings): readonly Doubt[] {
  const doubtful: Doubt[] = [];
  if (settings.realtime === null || realtime.toolPolicy !== 'none') return doubtful;
  const alone = 'has no effect: with toolPolicy "none" the voice model cannot ask the agent';
  if (realtime.consultPolicy !== 'auto') doubtful.push(['realtime.consultPolicy', alone]);
  if (realtime.fastContext.enabled) doubtful.push(['realtime.fastContext', alone]);
  if (realtime.tools.length > 0) doubtful.push(['realtime.tools', `${alone}, who runs them`]);
  return doubtful;
}

function isLoopback(address: string): boolean {
  const url = httpUrl(address);
  return url !== null && isLoopbackHost(url);
}

function title(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
