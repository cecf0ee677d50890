// Carriers: the other end of the line, as configured: a carrier over the network, or the mock one with its test phones.
import type { Carrier, OurAddress, Report, StreamUrl, Transport } from './carrier/carrier.ts';
import { apiTransport } from './carrier/http.ts';
import { MockExchange } from './carrier/mock/exchange.ts';
import { type MockReport, mockCarrier, reportOf } from './carrier/mock/index.ts';
import { plivoApiBase, plivoCarrier } from './carrier/plivo/index.ts';
import { telnyxApiBase, telnyxCarrier } from './carrier/telnyx/index.ts';
import { twilioApiBase, twilioCarrier } from './carrier/twilio/index.ts';
import { CARRIER_SUBJECT, watched } from './carrier/watched.ts';
import type { CarrierSettings } from './config/settings.ts';
import { TestPhones, type TestPhonesDeps } from './handset/phones.ts';
import { background } from './lib/background.ts';
import type { Clock } from './lib/clock.ts';
import type { Health } from './lib/health.ts';
import type { NewId } from './lib/ids.ts';
import type { Log } from './lib/log.ts';
import type { Reach } from './reach/reach.ts';

type MockSettings = Extract<CarrierSettings, { name: 'mock' }>;
type NetworkSettings = Exclude<CarrierSettings, MockSettings>;

export interface CarrierLine {
  readonly carrier: Carrier;
  /** Carries its requests. */
  readonly transport: Transport;
  /** How it reaches us; null: it lives in this process. */
  readonly reach: Reach | null;
  /** At its other end, where they are in this process too. */
  readonly people?: People;
  /** Everybody in this process goes home; what the health was told of the carrier is no matter any more. */
  close(): void;
}

interface People {
  readonly testPhones: TestPhones;
  /** A scripted person calls us; returns the carrier's call id. */
  ring(from: string, to: string, says: readonly string[]): string;
}

/** A carrier over the network; whether it can be reached is told to the health of the telephone. */
export function networkLine(
  settings: NetworkSettings,
  deps: {
    readonly reach: Reach;
    readonly clock: Clock;
    readonly health: Health;
    /** Stands between us and the network. */
    readonly seam: (transport: Transport) => Transport;
  },
): CarrierLine {
  const { reach, clock, health, seam } = deps;
  const { carrier, apiBase } = codecOf(settings, reach.address);
  const transport = watched(seam(apiTransport(apiBase, clock)), health, carrier.name);
  return { carrier, reach, transport, close: () => health.forget(CARRIER_SUBJECT) };
}

function codecOf(
  settings: NetworkSettings,
  address: OurAddress,
): { readonly carrier: Carrier; readonly apiBase: string } {
  switch (settings.name) {
    case 'twilio':
      return { carrier: twilioCarrier({ ...settings, address }), apiBase: twilioApiBase(settings) };
    case 'telnyx':
      return { carrier: telnyxCarrier({ ...settings, address }), apiBase: telnyxApiBase(settings) };
    case 'plivo':
      return { carrier: plivoCarrier({ ...settings, address }), apiBase: plivoApiBase(settings) };
  }
}

/** The mock carrier and everybody it connects. */
export function mockLine(
  settings: MockSettings,
  deps: Pick<TestPhonesDeps, 'ourNumber' | 'speech' | 'onOpen'> & {
    readonly clock: Clock;
    readonly newId: NewId;
    readonly log: Log;
    /** Where media streams of test phones connect; null: nothing here can speak. */
    readonly streamUrl: StreamUrl | null;
    /** Takes what the people at the other end did. */
    readonly post: (report: Report) => Promise<unknown>;
  },
): CarrierLine {
  const { streamUrl, post, ...rest } = deps;
  const { clock, newId, log } = deps;
  const report = (told: MockReport): Promise<void> => {
    const taken = post(reportOf(told)).then(() => undefined);
    background(taken, 'taking a mock report', log);
    return taken;
  };
  const testPhones = new TestPhones({ ...rest, report });
  const exchange = new MockExchange({ ...settings, clock, newId, report, handsets: testPhones });
  return {
    carrier: mockCarrier({ streamUrl }),
    transport: exchange.transport,
    reach: null,
    people: {
      testPhones,
      ring: (from, to, says) => exchange.ring(from, to, says),
    },
    close() {
      testPhones.close();
      exchange.close();
    },
  };
}
