// Accounts: the account desk of whichever carrier is configured, and the only host its requests may go to.
import type { CarrierAccount } from './account.ts';
import { plivoAccount } from './plivo/account.ts';
import { type PlivoOptions, plivoApiBase } from './plivo/index.ts';
import { telnyxAccount } from './telnyx/account.ts';
import { type TelnyxOptions, telnyxApiBase } from './telnyx/index.ts';
import { twilioAccount } from './twilio/account.ts';
import { type TwilioOptions, twilioApiBase } from './twilio/index.ts';

/** Who we are at a carrier; the mock carrier has no accounts. */
export type Login =
  | ({ readonly name: 'twilio' } & Omit<TwilioOptions, 'address'>)
  | ({ readonly name: 'telnyx' } & Omit<TelnyxOptions, 'address'>)
  | ({ readonly name: 'plivo' } & Omit<PlivoOptions, 'address'>)
  | { readonly name: 'mock' };

export interface AccountAt {
  readonly account: CarrierAccount;
  /** Scheme and host of its API. */
  readonly apiBase: string;
}

/** Null for the mock carrier. */
export function accountAt(login: Login): AccountAt | null {
  switch (login.name) {
    case 'twilio': {
      const apiBase = twilioApiBase(login);
      return { account: twilioAccount({ ...login, apiBase }), apiBase };
    }
    case 'telnyx': {
      const apiBase = telnyxApiBase(login);
      return { account: telnyxAccount({ ...login, apiBase }), apiBase };
    }
    case 'plivo': {
      const apiBase = plivoApiBase(login);
      return { account: plivoAccount({ ...login, apiBase }), apiBase };
    }
    case 'mock':
      return null;
  }
}
