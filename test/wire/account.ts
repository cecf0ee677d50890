// Account: asks an account desk over real HTTP, and what of a finding tests compare.
import assert from 'node:assert/strict';
import { type CarrierAccount, type Inquiry, type OurNumber, wrongFields } from '../../src/carrier/account.ts';
import { httpTransport } from '../../src/carrier/http.ts';
import { inquire } from '../../src/carrier/inquire.ts';

export const WEBHOOK = 'https://voice.example.test/voice/webhook';

export class Desk {
  readonly #account: CarrierAccount;
  readonly #apiBase: string;

  constructor(account: CarrierAccount, apiBase: string) {
    this.#account = account;
    this.#apiBase = apiBase;
  }

  credentials(): ReturnType<Desk['ask']> {
    return this.ask(this.#account.credentials());
  }

  number(number: string, webhookUrl: string | null = WEBHOOK): ReturnType<Desk['ask']> {
    return this.ask(this.#account.number(number, webhookUrl));
  }

  /** The number, which must be ours. */
  async ours(number: string): Promise<OurNumber> {
    const found = (await this.number(number)) as OurNumber;
    assert.equal(found.kind, 'ours', JSON.stringify(found));
    return found;
  }

  /** Puts it right and returns what is still wrong: '' when nothing is. */
  async repaired(number: string): Promise<string> {
    const why = await this.ask((await this.ours(number)).repair());
    assert.equal(why, null);
    return wrong(await this.ours(number));
  }

  ask<Finding>(inquiry: Inquiry<Finding>): Promise<Finding> {
    const allowedHosts = new Set([new URL(this.#apiBase).host]);
    return inquire(inquiry, httpTransport({ allowedHosts }), new AbortController().signal);
  }
}

/** The fields that are not as they should be, by name. */
export function wrong(number: OurNumber): string {
  return wrongFields(number)
    .map(({ name }) => name)
    .join(', ');
}
