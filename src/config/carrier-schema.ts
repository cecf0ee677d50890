// CarrierSchema: the options of each carrier's own section, and the pieces other sections share.
import * as z from 'zod';

export const E164_HINT = 'Expected E.164 format, e.g. +15550001234';
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
export const secret = z.union([text, secretRef]).optional();

function simulatorOf(api: string): z.ZodOptional<z.ZodString> {
  return text
    .optional()
    .describe(`Address of a simulator of the ${api} API: http on 127.0.0.1, localhost or [::1] only.`);
}

export const twilio = z.strictObject({
  accountSid: text
    .regex(/^AC[0-9A-Za-z]+$/, 'a Twilio account SID starts with "AC"')
    .optional()
    .describe('Twilio account SID. Falls back to TWILIO_ACCOUNT_SID.'),
  authToken: secret.describe('Twilio auth token, or a SecretRef to it. Falls back to TWILIO_AUTH_TOKEN.'),
  region: z
    .enum(['us1', 'ie1', 'au1'])
    .default('us1')
    .describe('Twilio region that processes the calls; the credentials must belong to it.'),
  apiBaseUrl: simulatorOf('Twilio'),
  from: phoneNumber.optional().describe('Old name of fromNumber; still understood.'),
});

export const telnyx = z.strictObject({
  apiKey: secret.describe('Telnyx API key, or a SecretRef to it. Falls back to TELNYX_API_KEY.'),
  connectionId: text
    .optional()
    .describe(
      'Id of the Call Control (Voice API) application; its webhooks must be of API version 2. Falls back to TELNYX_CONNECTION_ID.',
    ),
  publicKey: text
    .optional()
    .describe(
      'Public key of the Telnyx account, which signs the webhooks: PEM or base64. Falls back to TELNYX_PUBLIC_KEY.',
    ),
  apiBaseUrl: simulatorOf('Telnyx'),
});

export const plivo = z.strictObject({
  authId: text.optional().describe('Plivo auth ID. Falls back to PLIVO_AUTH_ID.'),
  authToken: secret.describe('Plivo auth token, or a SecretRef to it. Falls back to PLIVO_AUTH_TOKEN.'),
  apiBaseUrl: simulatorOf('Plivo'),
});

export const mock = z.strictObject({
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
