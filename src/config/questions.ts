// Questions: what a first run asks about each carrier, and where a person finds the answer in its console.
import type { RealCarrier } from './credentials.ts';

export interface Question {
  /** Key below the carrier's section of the configuration. */
  readonly key: string;
  readonly text: string;
  /** Not shown while it is typed, nor when it is summed up. */
  readonly secret: boolean;
  readonly pattern: RegExp;
  /** What is wrong with an answer that does not fit. */
  readonly hint: string;
}

export interface CarrierQuestions {
  readonly name: RealCarrier['name'];
  readonly title: string;
  readonly credentials: readonly Question[];
}

/** Anything without spaces; a paste often brings some. */
const WORD = /^\S+$/;

function word(key: string, text: string, secret: boolean): Question {
  return { key, text, secret, pattern: WORD, hint: 'It has no spaces.' };
}

export const carrierQuestions: readonly CarrierQuestions[] = [
  {
    name: 'twilio',
    title: 'Twilio',
    credentials: [
      {
        key: 'accountSid',
        text: 'Account SID (Twilio Console > Account Dashboard > Account Info)',
        secret: false,
        pattern: /^AC[0-9A-Za-z]+$/,
        hint: 'An account SID starts with "AC".',
      },
      word('authToken', 'Auth token (beside it; what you type is not shown)', true),
    ],
  },
  {
    name: 'telnyx',
    title: 'Telnyx',
    credentials: [
      word('apiKey', 'API key (Telnyx Portal > API Keys; what you type is not shown)', true),
      word('connectionId', 'ID of the application (Telnyx Portal > Voice > Programmable Voice)', false),
      word('publicKey', 'Public key of the account (Telnyx Portal > Keys & Credentials > Public Key)', false),
    ],
  },
  {
    name: 'plivo',
    title: 'Plivo',
    credentials: [
      word('authId', 'Auth ID (Plivo Console > Overview > Account)', false),
      word('authToken', 'Auth token (beside it; what you type is not shown)', true),
    ],
  },
];

/** Which numbers can be entered, and what is said about others. */
export const numberAnswer = {
  pattern: /^\+[1-9][0-9]{1,14}$/,
  hint: 'Write it with + and the country code, e.g. +15550001234.',
};
