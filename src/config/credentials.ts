// Credentials: who we are at the carrier, and what of it is missing.
import { keys } from './keys.ts';
import { type Problem, problem } from './problem.ts';
import type { Config } from './schema.ts';
import type { CarrierSettings } from './settings.ts';

export type RealCarrier = Exclude<CarrierSettings, { readonly name: 'mock' }>;

/** A text, or a SecretRef the host could not resolve. */
type Written = string | object | undefined;

/** The chosen carrier; what the configuration (its environment filled in) does not have is empty. */
export function carrierOf({ provider = 'mock', twilio, telnyx, plivo, mock }: Config): CarrierSettings {
  switch (provider) {
    case 'twilio':
      return {
        name: 'twilio',
        accountSid: textOf(twilio.accountSid),
        authToken: textOf(twilio.authToken),
        region: twilio.region,
        apiBaseUrl: twilio.apiBaseUrl ?? null,
      };
    case 'telnyx':
      return {
        name: 'telnyx',
        apiKey: textOf(telnyx.apiKey),
        connectionId: textOf(telnyx.connectionId),
        publicKey: textOf(telnyx.publicKey),
        apiBaseUrl: telnyx.apiBaseUrl ?? null,
      };
    case 'plivo':
      return {
        name: 'plivo',
        authId: textOf(plivo.authId),
        authToken: textOf(plivo.authToken),
        apiBaseUrl: plivo.apiBaseUrl ?? null,
      };
    case 'mock':
      return { name: 'mock', ...mock };
  }
}

function textOf(written: Written): string {
  return typeof written === 'string' ? written : '';
}

/** Without all of them there is no telephone. */
export function credentialProblems(config: Config, carrier: RealCarrier): readonly Problem[] {
  const values = new Map<string, unknown>(Object.entries(carrier));
  const written: Readonly<Record<string, unknown>> = config[carrier.name];
  return keys().flatMap(({ path, node }) => {
    const [section, field = ''] = path.split('.');
    if (section !== carrier.name || node.env === undefined || values.get(field) !== '') return [];
    const isUnresolved = typeof written[field] === 'object';
    const why = isUnresolved ? `: ${UNRESOLVED}` : '';
    return [problem(path, `is required (or set ${node.env} env)${why}`)];
  });
}

export const UNRESOLVED =
  'its SecretRef could not be resolved. See the Gateway log, or run "openclaw secrets audit"';
