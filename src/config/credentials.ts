// Credentials: who we are at the carrier, from the configuration and, where that is silent, the environment.
import { type Problem, problem } from './problem.ts';
import type { Config } from './schema.ts';
import type { CarrierSettings } from './settings.ts';

export type Env = Readonly<Record<string, string | undefined>>;
export type RealCarrier = Exclude<CarrierSettings, { readonly name: 'mock' }>;

/** A text, or a SecretRef the host could not resolve. */
type Written = string | object | undefined;

/** Every credential of every carrier, and the variable that stands in for it. */
const CREDENTIALS: Readonly<Record<RealCarrier['name'], Readonly<Record<string, string>>>> = {
  twilio: { accountSid: 'TWILIO_ACCOUNT_SID', authToken: 'TWILIO_AUTH_TOKEN' },
  telnyx: {
    apiKey: 'TELNYX_API_KEY',
    connectionId: 'TELNYX_CONNECTION_ID',
    publicKey: 'TELNYX_PUBLIC_KEY',
  },
  plivo: { authId: 'PLIVO_AUTH_ID', authToken: 'PLIVO_AUTH_TOKEN' },
};

/** The chosen carrier; what neither the configuration nor the environment has is empty. */
export function carrierOf(config: Config, env: Env): CarrierSettings {
  const { twilio, telnyx, plivo, mock } = config;
  switch (config.provider) {
    case 'twilio':
      return {
        name: 'twilio',
        accountSid: filled(twilio.accountSid, env['TWILIO_ACCOUNT_SID']),
        authToken: filled(twilio.authToken, env['TWILIO_AUTH_TOKEN']),
        region: twilio.region,
        apiBaseUrl: twilio.apiBaseUrl ?? null,
      };
    case 'telnyx':
      return {
        name: 'telnyx',
        apiKey: filled(telnyx.apiKey, env['TELNYX_API_KEY']),
        connectionId: filled(telnyx.connectionId, env['TELNYX_CONNECTION_ID']),
        publicKey: filled(telnyx.publicKey, env['TELNYX_PUBLIC_KEY']),
        apiBaseUrl: telnyx.apiBaseUrl ?? null,
      };
    case 'plivo':
      return {
        name: 'plivo',
        authId: filled(plivo.authId, env['PLIVO_AUTH_ID']),
        authToken: filled(plivo.authToken, env['PLIVO_AUTH_TOKEN']),
        apiBaseUrl: plivo.apiBaseUrl ?? null,
      };
    case 'mock':
    case 'log':
      return { name: 'mock', ...mock };
  }
}

function filled(written: Written, fallback: string | undefined): string {
  return typeof written === 'string' ? written : (fallback ?? '');
}

/** Without all of them there is no telephone. `config` is as written, `carrier` has the environment's values. */
export function credentialProblems(config: Config, carrier: RealCarrier): readonly Problem[] {
  const written: Readonly<Record<string, unknown>> = config[carrier.name];
  const values = new Map<string, unknown>(Object.entries(carrier));
  const missing = Object.entries(CREDENTIALS[carrier.name]).flatMap(([field, variable]) => {
    if (values.get(field) !== '') return [];
    const isUnresolved = typeof written[field] === 'object';
    const why = isUnresolved ? ': its SecretRef could not be resolved, see the Gateway log' : '';
    return [problem(`${carrier.name}.${field}`, `is required (or set ${variable} env)${why}`)];
  });
  return [...missing, ...sidProblems(carrier)];
}

/** The schema has checked one that is written; this is for one from the environment. */
function sidProblems(carrier: RealCarrier): readonly Problem[] {
  if (carrier.name !== 'twilio' || carrier.accountSid === '') return [];
  if (/^AC[0-9A-Za-z]+$/.test(carrier.accountSid)) return [];
  return [problem('twilio.accountSid', 'is not valid: TWILIO_ACCOUNT_SID must start with "AC"')];
}
