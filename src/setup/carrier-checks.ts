// CarrierChecks: asks the carrier whether we may call, from this number, and whether its calls lead to us.
import {
  type AccountFinding,
  type CarrierAccount,
  type Inquiry,
  type NumberFinding,
  type OurNumber,
  wrongFields,
} from '../carrier/account.ts';
import type { Transport } from '../carrier/carrier.ts';
import { inquire } from '../carrier/inquire.ts';
import { type Check, type Finding, failed, fine, type Paste, unchecked } from './check.ts';

export interface CarrierDesk {
  readonly account: CarrierAccount;
  readonly transport: Transport;
  readonly fromNumber: string;
  /** Where calls to our number should lead; null when that is not known yet. */
  readonly webhookUrl: string | null;
  /** Somebody may call us; otherwise the number need not lead to us. */
  readonly takesCalls: boolean;
  /** False: the configuration lacks a part of them, as another check says. */
  readonly hasCredentials: boolean;
}

const WITHIN_MS = 20_000;
const FIX = 'Run "voicecall setup --fix", or enter what is printed below in the console.';

/** `desk` null: the mock carrier, which has nobody to ask. */
export function carrierChecks(desk: CarrierDesk | null): readonly Check[] {
  const answers = desk && asking(desk);
  const check = (id: Check['id'], run: (answers: Answers) => Promise<Finding>): Check => ({
    id,
    withinMs: WITHIN_MS,
    run: () => (answers === null ? fine('not needed: the mock carrier has none') : run(answers)),
  });
  return [check('credentials', credentials), check('number', number), check('number-webhook', numberWebhook)];
}

/** What the carrier said; three checks share two questions, each asked once. */
interface Answers {
  readonly desk: CarrierDesk;
  readonly credentials: () => Promise<AccountFinding>;
  /** Null: it was not asked, because the credentials are not good. */
  readonly number: () => Promise<NumberFinding | null>;
}

function asking(desk: CarrierDesk): Answers {
  const credentials = once(() => ask(desk, desk.account.credentials()));
  const number = once(async () =>
    desk.hasCredentials && (await credentials()).kind === 'good' ? findNumber(desk) : null,
  );
  return { desk, credentials, number };
}

/** The number as the carrier has it now. */
export function findNumber(desk: CarrierDesk): Promise<NumberFinding> {
  return ask(desk, desk.account.number(desk.fromNumber, desk.webhookUrl));
}

/** The transport has deadlines of its own. */
export function ask<Found>({ transport }: CarrierDesk, inquiry: Inquiry<Found>): Promise<Found> {
  return inquire(inquiry, transport, new AbortController().signal);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

async function credentials(answers: Answers): Promise<Finding> {
  if (!answers.desk.hasCredentials) return unchecked('the configuration lacks a part of them');
  const found = await answers.credentials();
  return found.kind === 'good' ? fine(found.about) : failed(found.why, found.cure);
}

async function number(answers: Answers): Promise<Finding> {
  const { desk } = answers;
  if (desk.fromNumber === '') return unchecked('fromNumber is not set');
  const found = await answers.number();
  if (found === null) return unchecked('the carrier does not accept the credentials');
  if (found.kind !== 'ours') return failed(found.why, found.cure);
  const trouble = found.mute ?? found.beyondUs;
  if (trouble) return failed(trouble.why, trouble.cure);
  return fine(`${desk.fromNumber} is ours at ${desk.account.title} and can carry calls`);
}

async function numberWebhook(answers: Answers): Promise<Finding> {
  const { desk } = answers;
  if (desk.fromNumber === '') return unchecked('fromNumber is not set');
  const found = await answers.number();
  if (found === null) return unchecked('the carrier does not accept the credentials');
  if (found.kind !== 'ours') return unchecked('the number could not be looked at');
  if (desk.webhookUrl === null) return unchecked('there is no public address yet');
  const wrong = wrongFields(found, desk.takesCalls);
  if (wrong.length === 0) {
    const isIdle = !desk.takesCalls && wrongFields(found).length > 0;
    return fine(
      isIdle ? 'not needed: inboundPolicy is "disabled"' : `calls to the number lead to ${desk.webhookUrl}`,
    );
  }
  const said = wrong.map(({ name, now, wanted }) => `${name} is ${shown(now)}, not ${shown(wanted)}`);
  return { ...failed(said.join('; '), FIX), paste: pasteFor(found) };
}

/** All fields, also the ones that are right: a console shows them on one page. */
export function pasteFor({ place, fields }: OurNumber): Paste {
  return { place, fields: fields.map(({ name, wanted }) => ({ name, value: wanted })) };
}

function shown(value: string): string {
  return value === '' ? 'empty' : value;
}
