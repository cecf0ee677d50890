// CarrierSchema: the options of each carrier's own section, and the pieces other sections share.
import * as z from 'zod';

const E164_HINT = 'Expected E.164 format, e.g. +15550001234';
/** The same numbers `isE164` of call/admission.ts admits; a pattern, so that the host's editor can check it too. */
const E164 = /^\+[1-9][0-9]{1,14}$/;
export const DAY_MS = 86_400_000;

export const phoneNumber = z.string().regex(E164, E164_HINT);
export const text = z.string().min(1);

/** What the host replaces by the secret before we see it; when it cannot, the object itself arrives. */
const secretRef = z.strictObject({
  source: z.enum(['env', 'file', 'exec', 'store']),
  provider: text,
  id: text,
});

/** A secret as text, or a SecretRef to it; the manifest tells the host to resolve it wherever this stands. */
export function secretOf(): z.ZodOptional<z.ZodUnion<readonly [z.ZodString, typeof secretRef]>> {
  return z.union([text, secretRef]).optional();
}

/** Options of somebody else's provider, passed on as they are; only the key to it is ours to resolve. */
export const providerOptions = z
  .looseObject({ apiKey: secretOf().describe('Key to the provider, or a SecretRef to it.') })
  .meta({ unshown: true });

function simulatorOf(carrier: string): z.ZodOptional<z.ZodString> {
  return text
    .optional()
    .describe(`Address of a simulator of the ${carrier} API: http on 127.0.0.1, localhost or [::1] only.`)
    .meta({ label: `${carrier} simulator address`, advanced: true });
}

export const twilio = z.strictObject({
  accountSid: text
    .regex(/^AC[0-9A-Za-z]+$/, 'a Twilio account SID starts with "AC"')
    .optional()
    .describe('Twilio account SID.')
    .meta({ label: 'Twilio account SID', env: 'TWILIO_ACCOUNT_SID', unshown: true }),
  authToken: secretOf()
    .describe('Twilio auth token.')
    .meta({ label: 'Twilio auth token', env: 'TWILIO_AUTH_TOKEN', sensitive: true }),
  region: z
    .enum(['us1', 'ie1', 'au1'])
    .default('us1')
    .describe('Twilio region that processes the calls; the credentials must belong to it.')
    .meta({ label: 'Twilio region', advanced: true }),
  apiBaseUrl: simulatorOf('Twilio'),
});

export const telnyx = z.strictObject({
  apiKey: secretOf()
    .describe('Telnyx API key.')
    .meta({ label: 'Telnyx API key', env: 'TELNYX_API_KEY', sensitive: true }),
  connectionId: text
    .optional()
    .describe('Id of the Call Control (Voice API) application; its webhooks must be of API version 2.')
    .meta({ label: 'Telnyx connection ID', env: 'TELNYX_CONNECTION_ID', unshown: true }),
  publicKey: text
    .optional()
    .describe('Public key of the Telnyx account, which signs the webhooks: PEM or base64.')
    .meta({ label: 'Telnyx public key', env: 'TELNYX_PUBLIC_KEY', unshown: true, sensitive: true }),
  apiBaseUrl: simulatorOf('Telnyx'),
});

export const plivo = z.strictObject({
  authId: text
    .optional()
    .describe('Plivo auth ID.')
    .meta({ label: 'Plivo auth ID', env: 'PLIVO_AUTH_ID', unshown: true }),
  authToken: secretOf()
    .describe('Plivo auth token.')
    .meta({ label: 'Plivo auth token', env: 'PLIVO_AUTH_TOKEN', sensitive: true }),
  apiBaseUrl: simulatorOf('Plivo'),
});

export const mock = z.strictObject({
  says: z
    .array(text)
    .default(['Hello! Who is calling?', 'Thank you, goodbye.'])
    .describe('What the scripted person says, one line per turn; after the last one they hang up.')
    .meta({ label: 'Lines of the scripted person', advanced: true })
    .meta({ label: 'Plivo simulator address', advanced: true }),
  answerAfterMs: z
    .int()
    .min(0)
    .max(DAY_MS)
    .default(1_000)
    .describe('How long the scripted person lets it ring, ms.')
    .meta({ label: 'Mock: rings for (ms)', advanced: true }),
  pace: z
    .number()
    .positive()
    .max(1_000)
    .default(1)
    .describe('How fast both sides speak: 1 is natural speed, 20 is quick.')
    .meta({ label: 'Mock: speed of speech', advanced: true }),
});
