// Schema: every option of plugins.entries.voice-call.config, once: names, limits, defaults and what they mean.
import { isIP } from 'node:net';
import * as z from 'zod';

/** Written before a key in every message, so that it can be pasted into "openclaw config set". */
export const CONFIG_PATH = 'plugins.entries.voice-call.config';

export const E164_HINT = 'Expected E.164 format, e.g. +15550001234';
/** The same numbers `isE164` of call/admission.ts admits; a pattern, so that the host's editor can check it too. */
const E164 = /^\+[1-9][0-9]{1,14}$/;
const DAY_S = 86_400;
const DAY_MS = DAY_S * 1_000;

const phoneNumber = z.string().regex(E164, E164_HINT);
const text = z.string().min(1);

/** What the host replaces by the secret before we see it; when it cannot, the object itself arrives. */
const secretRef = z.strictObject({
  source: z.enum(['env', 'file', 'exec', 'store']),
  provider: text,
  id: text,
});

const twilio = z.strictObject({
  accountSid: text
    .regex(/^AC[0-9A-Za-z]+$/, 'a Twilio account SID starts with "AC"')
    .optional()
    .describe('Twilio account SID. Falls back to TWILIO_ACCOUNT_SID.'),
  authToken: z
    .union([text, secretRef])
    .optional()
    .describe('Twilio auth token, or a SecretRef to it. Falls back to TWILIO_AUTH_TOKEN.'),
  region: z
    .enum(['us1', 'ie1', 'au1'])
    .default('us1')
    .describe('Twilio region that processes the calls; the credentials must belong to it.'),
  apiBaseUrl: text
    .optional()
    .describe('Address of a simulator of the Twilio API: http on 127.0.0.1, localhost or [::1] only.'),
  from: phoneNumber.optional().describe('Old name of fromNumber; still understood.'),
});

const mock = z.strictObject({
  says: z
    .array(text)
    .default(['Hello! Who is calling?', 'Thank you, goodbye.'])
    .describe('What the scripted person says, one line per turn; after the last one they hang up.'),
  answerAfterMs: z
    .int()
    .min(0)
    .max(DAY_MS)
    .default(1_000)
    .describe('How long the scripted person lets it ring, ms.'),
  pace: z
    .number()
    .positive()
    .max(1_000)
    .default(1)
    .describe('How fast both sides speak: 1 is natural speed, 20 is quick.'),
});

const outbound = z.strictObject({
  defaultMode: z
    .enum(['notify', 'conversation'])
    .default('notify')
    .describe('How a call is held when nobody says: notify says one message and hangs up.'),
  notifyHangupDelaySec: z
    .int()
    .min(0)
    .max(600)
    .default(3)
    .describe('Pause between the end of a notify message and hanging up, seconds.'),
});

const serve = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(3334)
    .describe('Port of the webhook listener; 0 takes any free one.'),
  bind: text.default('127.0.0.1').describe('Address the webhook listener binds to.'),
  path: text
    .regex(/^[^\s?#]+$/, 'a path has no spaces, "?" or "#"')
    .default('/voice/webhook')
    .describe('Path of the webhook.'),
});

const webhookSecurity = z.strictObject({
  allowedHosts: z
    .array(text)
    .default([])
    .describe('Host names a proxy may say the carrier asked for; listing any makes us read such headers.'),
  trustForwardingHeaders: z
    .boolean()
    .default(false)
    .describe('Believe forwarding headers whatever host they name. Only behind a proxy that sets them.'),
  trustedProxyIPs: z
    .array(z.string().refine(isAddressOrRange, 'it must be an IP address or a range such as 10.0.0.0/8'))
    .default([])
    .describe('Proxies whose forwarding headers are believed, addresses or ranges; empty: any.'),
});

/** Unknown keys are errors at every level; parse.ts says which known key is nearest. */
export const configSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Turns the whole plugin off without losing its settings.'),
  provider: z
    .enum(['twilio', 'mock', 'log'])
    .default('mock')
    .describe(
      'The carrier. "mock" phones nobody: a scripted person answers. "log" is an old name of "mock".',
    ),
  fromNumber: phoneNumber
    .optional()
    .describe('The number we call from. For Twilio falls back to TWILIO_FROM_NUMBER; for mock +15550000000.'),
  toNumber: phoneNumber.optional().describe('Who is called when a call names nobody.'),
  twilio: twilio.prefault({}),
  mock: mock.prefault({}),
  inboundPolicy: z
    .enum(['disabled', 'allowlist', 'open'])
    .default('disabled')
    .describe('Who may call us: nobody, the numbers in allowFrom, or everybody.'),
  allowFrom: z
    .array(phoneNumber)
    .default([])
    .describe('Numbers that may call us when inboundPolicy is "allowlist".'),
  inboundGreeting: text.default('Hello! How can I help you today?').describe('What a caller hears first.'),
  outbound: outbound.prefault({}),
  maxDurationSeconds: z
    .int()
    .min(1)
    .max(DAY_S)
    .default(300)
    .describe('Longest duration of an answered call, seconds; a goodbye is said before it.'),
  ringTimeoutMs: z.int().min(1_000).max(600_000).default(30_000).describe('How long we let it ring, ms.'),
  transcriptTimeoutMs: z
    .int()
    .min(1)
    .max(DAY_MS)
    .default(180_000)
    .describe('How long "continue" waits for the caller to say something, ms.'),
  maxConcurrentCalls: z
    .int()
    .min(1)
    .default(1)
    .describe('How many outbound calls may be open at the same time.'),
  serve: serve.prefault({}),
  publicUrl: text
    .optional()
    .describe('The address under which the carrier reaches the webhook, path included.'),
  webhookSecurity: webhookSecurity.prefault({}),
  agentId: text.optional().describe('The agent that owns calls; needed when several are configured.'),
  sessionScope: z
    .enum(['per-phone', 'per-call', 'main'])
    .default('per-phone')
    .describe(
      "What a call remembers: the earlier calls of that number, nothing, or the agent's main session.",
    ),
  responseModel: text.optional().describe('Model for spoken answers, provider/model or an alias.'),
  responseSystemPrompt: text.optional().describe('Replaces our instructions on how to answer on the phone.'),
  responseTimeoutMs: z
    .int()
    .min(1)
    .max(DAY_MS)
    .default(30_000)
    .describe('How long the agent may think about one answer, ms; then the caller hears an apology.'),
  language: z
    .string()
    .refine(isLanguageTag, 'a language is a BCP 47 tag such as "en-US"')
    .default('en-US')
    .describe('Language spoken on calls, a BCP 47 tag.'),
  voice: text
    .optional()
    .describe("The carrier's name of the voice; its own choice for the language when unset."),
  store: text
    .optional()
    .describe('Folder of the call store; ~ is the home folder. Default: voice-calls in the state folder.'),
});

export type Config = z.output<typeof configSchema>;

/** The configuration as a JSON Schema (draft 7, as the host checks it) for the manifest. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return schema;
}

/** Every key there is, as dotted paths: `provider`, `twilio`, `twilio.region`, ... */
export function configKeys(): readonly string[] {
  return keysIn(configJsonSchema(), '');
}

function keysIn(schema: Record<string, unknown>, prefix: string): readonly string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>;
  return Object.entries(properties).flatMap(([key, inner]) => [
    `${prefix}${key}`,
    ...keysIn(inner, `${prefix}${key}.`),
  ]);
}

function isLanguageTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

function isAddressOrRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}
