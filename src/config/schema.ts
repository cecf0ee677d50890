// Schema: every option of plugins.entries.voice-call.config, once: names, limits, defaults and what they mean.
import { isIP } from 'node:net';
import * as z from 'zod';
import { canonicalLanguage } from '../lib/language.ts';
import { DAY_MS, mock, phoneNumber, plivo, telnyx, text, twilio } from './carrier-schema.ts';
import { urlPath } from './path.ts';
import { realtimeSchema } from './realtime.ts';
import { streamingSchema } from './streaming.ts';
import { ttsSchema } from './tts.ts';
import { tailscaleSchema, tunnelSchema } from './tunnel.ts';

/** Written before a key in every message, so that it can be pasted into "openclaw config set". */
export const CONFIG_PATH = 'plugins.entries.voice-call.config';

const DAY_S = 86_400;

const outbound = z.strictObject({
  defaultMode: z
    .enum(['notify', 'conversation'])
    .default('notify')
    .describe(
      'How a call of the tool or a method is held when nobody says: notify says one message and hangs up.',
    )
    .meta({ label: 'Default mode of calls' }),
  notifyHangupDelaySec: z
    .int()
    .min(0)
    .max(600)
    .default(3)
    .describe('Pause between the end of a notify message and hanging up, seconds.')
    .meta({ label: 'Pause before hanging up (s)', advanced: true }),
  maxCallsPerDay: z
    .int()
    .min(0)
    .max(10_000)
    .default(50)
    .describe('How many calls we place in any 24 hours, answered or not; 0 is no limit.')
    .meta({ label: 'Our calls in 24 hours' }),
  maxMinutesPerDay: z
    .int()
    .min(0)
    .max(100_000)
    .default(180)
    .describe(
      'How many minutes our calls last in any 24 hours, all together; an open call takes its longest. 0 is no limit.',
    )
    .meta({ label: 'Minutes of our calls in 24 hours' }),
  allowEmergencyNumbers: z
    .boolean()
    .default(false)
    .describe('Let us call the police, the fire brigade and ambulances: 112, 911, 999 and their like.')
    .meta({ label: 'May call emergency numbers', advanced: true, dangerous: true }),
  allowPremiumNumbers: z
    .boolean()
    .default(false)
    .describe('Let us call numbers billed at a premium, and satellite networks: +1900, +449, +881, ...')
    .meta({ label: 'May call premium numbers', advanced: true, dangerous: true }),
});

const serve = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(3334)
    .describe('Port of the webhook listener; 0 takes any free one.')
    .meta({ label: 'Webhook port' }),
  bind: text
    .default('127.0.0.1')
    .describe('Address the webhook listener binds to.')
    .meta({ label: 'Webhook address' }),
  path: urlPath.default('/voice/webhook').describe('Path of the webhook.').meta({ label: 'Webhook path' }),
});

const webhookSecurity = z.strictObject({
  allowedHosts: z
    .array(text)
    .default([])
    .describe('Host names a proxy may say the carrier asked for; listing any makes us read such headers.')
    .meta({ label: 'Forwarded host names believed', advanced: true }),
  trustForwardingHeaders: z
    .boolean()
    .default(false)
    .describe('Believe forwarding headers whatever host they name. Only behind a proxy that sets them.')
    .meta({ label: 'Believe any forwarded host', advanced: true }),
  trustedProxyIPs: z
    .array(z.string().refine(isAddressOrRange, 'it must be an IP address or a range such as 10.0.0.0/8'))
    .default([])
    .describe('Proxies whose forwarding headers are believed, addresses or ranges; empty: any.')
    .meta({ label: 'Proxies believed', advanced: true }),
});

const languageTag = z.string().refine(isLanguageTag, 'a language is a BCP 47 tag such as "en-US"');
const thinkingTime = z.int().min(1).max(DAY_MS);

/** What is left out is as for all other numbers. */
const numberRoute = z.strictObject({
  inboundGreeting: text.optional().describe('What a caller of this number hears first.'),
  agentId: text.optional().describe('The agent that owns calls to this number.'),
  responseModel: text.optional().describe('Model for spoken answers on this number.'),
  responseSystemPrompt: text.optional().describe('Instructions on how to answer on this number.'),
  responseTimeoutMs: thinkingTime
    .optional()
    .describe('How long the agent may think about one answer on this number, ms.'),
  language: languageTag.optional().describe('Language spoken on this number, a BCP 47 tag.'),
  voice: text.optional().describe("The carrier's name of the voice of this number."),
  tts: ttsSchema.optional().describe('Laid over the global tts for this number.'),
});

/** Unknown keys are errors at every level; parse.ts says which known key is nearest. */
export const configSchema = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe('Turns the whole plugin off without losing its settings.')
    .meta({ rebuilds: 'enabled' }),
  provider: z
    .enum(['twilio', 'telnyx', 'plivo', 'mock'])
    .optional()
    .describe('The carrier. "mock", also while none is chosen, phones nobody: a scripted person answers.')
    .meta({ label: 'Carrier', rebuilds: 'carrier' }),
  fromNumber: phoneNumber
    .optional()
    .describe('The number we call from. The variable counts for Twilio only; for mock it is +15550000000.')
    .meta({ label: 'Number we call from', placeholder: '+15550001234', env: 'TWILIO_FROM_NUMBER' }),
  toNumber: phoneNumber
    .optional()
    .describe('Who is called when a call names nobody.')
    .meta({ label: 'Number we call by default', placeholder: '+15550001234' }),
  twilio: twilio.prefault({}).meta({ rebuilds: 'carrier' }),
  telnyx: telnyx.prefault({}).meta({ rebuilds: 'carrier' }),
  plivo: plivo.prefault({}).meta({ rebuilds: 'carrier' }),
  mock: mock.prefault({}).meta({ rebuilds: 'carrier' }),
  inboundPolicy: z
    .enum(['disabled', 'allowlist', 'pairing', 'open'])
    .default('disabled')
    .describe(
      'Who may call us: nobody, the numbers in allowFrom, those and whoever you approve by a code, or everybody.',
    )
    .meta({ label: 'Who may call' }),
  allowFrom: z
    .array(phoneNumber)
    .default([])
    .describe('Numbers that may call us when inboundPolicy is "allowlist" or "pairing".')
    .meta({ label: 'Numbers that may call' }),
  inboundGreeting: text
    .default('Hello! How can I help you today?')
    .describe('What a caller hears first.')
    .meta({ label: 'Greeting for callers', advanced: true }),
  numbers: z
    .record(phoneNumber, numberRoute)
    .default({})
    .describe('What is different when one of our own numbers is called, by that number (E.164).')
    .meta({ label: 'Differences by number called', advanced: true }),
  outbound: outbound.prefault({}),
  maxDurationSeconds: z
    .int()
    .min(1)
    .max(DAY_S)
    .default(300)
    .describe('Longest duration of an answered call, seconds; a goodbye is said before it.')
    .meta({ label: 'Longest call (s)', advanced: true }),
  ringTimeoutMs: z
    .int()
    .min(1_000)
    .max(600_000)
    .default(30_000)
    .describe('How long we let it ring, ms.')
    .meta({ label: 'Ring at most (ms)', advanced: true }),
  transcriptTimeoutMs: z
    .int()
    .min(1)
    .max(DAY_MS)
    .default(180_000)
    .describe('How long "continue" waits for the caller to say something, ms.')
    .meta({ label: 'Wait for the caller at most (ms)', advanced: true }),
  maxConcurrentCalls: z
    .int()
    .min(1)
    .default(1)
    .describe('How many outbound calls may be open at the same time.')
    .meta({ label: 'Calls at the same time', advanced: true }),
  maxInboundCalls: z
    .int()
    .min(1)
    .default(8)
    .describe(
      'How many people may be talking to us at the same time; one more hears a sentence and is let go.',
    )
    .meta({ label: 'Callers at the same time', advanced: true }),
  staleCallReaperSeconds: z
    .int()
    .min(0)
    .max(DAY_S)
    .default(120)
    .describe(
      'A call nobody answers is given up after this many seconds at the latest; 0 leaves it to ringTimeoutMs.',
    )
    .meta({ label: 'Give up an unanswered call after (s)', advanced: true }),
  shutdownDrainSeconds: z
    .int()
    .min(0)
    .max(300)
    .default(8)
    .describe(
      'When the Gateway is stopped: how long calls may finish and hear a goodbye, seconds. 0 hangs up at once.',
    )
    .meta({ label: 'Time for goodbyes when stopped (s)', advanced: true }),
  serve: serve.prefault({}).meta({ rebuilds: 'serve' }),
  publicUrl: text
    .optional()
    .describe('The address under which the carrier reaches the webhook, path included.')
    .meta({
      label: 'Public webhook URL',
      rebuilds: 'publicUrl',
      placeholder: 'https://voice.example.com/voice/webhook',
    }),
  tunnel: tunnelSchema.prefault({}).meta({ rebuilds: 'tunnel' }),
  tailscale: tailscaleSchema.prefault({}).meta({ rebuilds: 'tunnel' }),
  webhookSecurity: webhookSecurity.prefault({}).meta({ rebuilds: 'forwarding' }),
  skipSignatureVerification: z
    .boolean()
    .default(false)
    .describe('Believe webhooks without a signature. Refused unless everything is on this machine.')
    .meta({
      label: 'Believe unsigned webhooks (local simulator only)',
      advanced: true,
      dangerous: true,
      rebuilds: 'skipSignatureVerification',
    }),
  agentId: text
    .optional()
    .describe('The agent that owns calls; needed when several are configured.')
    .meta({ label: 'Agent that owns calls' }),
  sessionScope: z
    .enum(['per-phone', 'per-call', 'main'])
    .default('per-phone')
    .describe(
      "What a call remembers: the earlier calls of that number, nothing, or the agent's main session, where callers then take part in your own chat.",
    )
    .meta({ label: 'What calls remember', advanced: true }),
  streaming: streamingSchema.prefault({}).meta({ rebuilds: 'streaming' }),
  realtime: realtimeSchema.prefault({}).meta({ rebuilds: 'realtime' }),
  silenceTimeoutMs: z
    .int()
    .min(100)
    .max(10_000)
    .default(800)
    .describe('On a media stream: how long a caller is silent before their turn is over, ms.')
    .meta({ label: 'Silence that ends a turn (ms)', advanced: true }),
  responseModel: text
    .optional()
    .describe('Model for spoken answers, provider/model or an alias.')
    .meta({ label: 'Model for answers', advanced: true }),
  responseSystemPrompt: text
    .optional()
    .describe('Replaces our instructions on how to answer on the phone.')
    .meta({ label: 'Instructions for answers', advanced: true }),
  responseTimeoutMs: thinkingTime
    .default(30_000)
    .describe('How long the agent may think about one answer, ms; then the caller hears an apology.')
    .meta({ label: 'Think at most (ms)', advanced: true }),
  language: languageTag
    .default('en-US')
    .describe('Language spoken on calls, a BCP 47 tag.')
    .meta({ label: 'Language', placeholder: 'en-US' }),
  voice: text
    .optional()
    .describe("The carrier's name of the voice; its own choice for the language when unset.")
    .meta({ label: 'Voice', advanced: true }),
  tts: ttsSchema
    .optional()
    .describe(
      'Speech options as OpenClaw writes them, laid over its own. With streaming they are our voice; without, only the voice named in them is used, unless "voice" is set.',
    )
    .meta({ label: 'Speech options', advanced: true }),
  retentionDays: z
    .int()
    .min(0)
    .max(36_500)
    .default(90)
    .describe(
      'How long calls that are over stay in the call store with their words, days; 0 keeps them for ever.',
    )
    .meta({ label: 'Remember calls for (days)', advanced: true }),
  store: text
    .optional()
    .describe('Folder of the call store; ~ is the home folder. Default: voice-calls in the state folder.')
    .meta({ label: 'Folder of the call store', advanced: true, rebuilds: 'store' }),
});

export type Config = z.output<typeof configSchema>;

function isLanguageTag(tag: string): boolean {
  return canonicalLanguage(tag) !== null;
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
