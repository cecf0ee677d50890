// StreamingLines: the three carriers for an end-to-end test: a twin each, behind a tunnel, and what is alike in them.

import type { Ear } from '../../sim/media/ear.ts';
import type { MediaStream } from '../../sim/media/stream.ts';
import { Person as PlivoPerson } from '../../sim/plivo/person.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import { Person as TelnyxPerson } from '../../sim/telnyx/person.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import { Caller } from '../../sim/twilio/caller.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import { systemClock } from '../../src/lib/clock.ts';

const OURS = '+15550000001';
const PUBLIC = 'https://voice.example.test';
const WEBHOOK = `${PUBLIC}/voice/webhook`;
const TWILIO = { accountSid: `AC${'0'.repeat(32)}`, authToken: 'auth-token-of-a-test' };
const PLIVO = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'auth-token-of-a-test' };

/** A call as its carrier keeps it, as far as all keep it alike. */
export interface TwinCall {
  readonly isAlive: boolean;
  readonly createdAt: number;
  readonly ear: Ear;
  readonly streams: readonly MediaStream[];
  readonly stream: MediaStream | undefined;
  readonly said: readonly { readonly text: string; readonly from: number; readonly to: number }[];
}

/** Somebody with a script; each carrier has its own kind. */
export type Script = (person: Caller) => Caller;

export interface CarrierLine {
  readonly name: 'twilio' | 'telnyx' | 'plivo';
  /** The carrier's part of the plugin's configuration. */
  config(port: number): object;
  /** Somebody calls us. */
  dialIn(from: string, script: Script): TwinCall;
  /** Somebody picks up; the call is the last one of the twin to this number. */
  expect(to: string, script: Script): () => TwinCall;
  /** What the carrier complains about. */
  readonly problems: readonly unknown[];
  close(): Promise<void>;
}

const shared = (port: number): object => ({ fromNumber: OURS, publicUrl: WEBHOOK, serve: { port } });

export async function twilioLine(): Promise<CarrierLine> {
  const twin = new TwilioTwin({ ...TWILIO, clock: systemClock });
  await twin.listen();
  return {
    name: 'twilio',
    config: (port) => {
      twin.tunnel(PUBLIC, `http://127.0.0.1:${port}`);
      return { provider: 'twilio', twilio: { ...TWILIO, apiBaseUrl: twin.apiBaseUrl }, ...shared(port) };
    },
    dialIn: (from, script) => {
      const person = new Caller();
      script(person);
      return twin.dialIn({ from, to: OURS, voiceUrl: WEBHOOK, statusCallback: WEBHOOK, person });
    },
    expect: (to, script) => {
      const person = new Caller();
      script(person);
      twin.expect(to, person);
      return () => only(twin.calls.filter((call) => call.to === to));
    },
    get problems() {
      return twin.problems;
    },
    close: () => twin.close(),
  };
}

export async function telnyxLine(): Promise<CarrierLine> {
  const twin = new TelnyxTwin({ clock: systemClock, webhookUrl: WEBHOOK });
  await twin.listen();
  const { apiKey, connectionId } = twin.settings;
  return {
    name: 'telnyx',
    config: (port) => {
      twin.tunnel(PUBLIC, `http://127.0.0.1:${port}`);
      const { publicKey, apiBaseUrl } = twin;
      return { provider: 'telnyx', telnyx: { apiKey, connectionId, publicKey, apiBaseUrl }, ...shared(port) };
    },
    dialIn: (from, script) => {
      const person = new TelnyxPerson();
      script(person as unknown as Caller);
      return twin.dialIn({ from, to: OURS, person });
    },
    expect: (to, script) => {
      const person = new TelnyxPerson();
      script(person as unknown as Caller);
      twin.expect(to, person);
      return () => only(twin.calls.filter((call) => call.to === to));
    },
    get problems() {
      return twin.problems;
    },
    close: () => twin.close(),
  };
}

export async function plivoLine(): Promise<CarrierLine> {
  const twin = new PlivoTwin({ ...PLIVO, clock: systemClock });
  await twin.listen();
  return {
    name: 'plivo',
    config: (port) => {
      twin.tunnel(PUBLIC, `http://127.0.0.1:${port}`);
      return { provider: 'plivo', plivo: { ...PLIVO, apiBaseUrl: twin.apiBaseUrl }, ...shared(port) };
    },
    dialIn: (from, script) => {
      const person = new PlivoPerson();
      script(person);
      return twin.dialIn({ from, to: OURS, answerUrl: WEBHOOK, hangupUrl: WEBHOOK, person });
    },
    expect: (to, script) => {
      const person = new PlivoPerson();
      script(person);
      twin.expect(to, person);
      return () => only(twin.calls.filter((call) => `+${call.to.replace(/^\+/, '')}` === to));
    },
    get problems() {
      return twin.problems;
    },
    close: () => twin.close(),
  };
}

function only<Call>(calls: readonly Call[]): Call {
  const [call] = calls;
  if (!call || calls.length > 1) throw new Error(`${calls.length} calls instead of one`);
  return call;
}
