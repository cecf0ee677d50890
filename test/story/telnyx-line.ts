// TelnyxLine: our whole app on a simulated Telnyx, with what stories ask of both.
import type { TestContext } from 'node:test';
import type { TwinCall } from '../../sim/telnyx/call.ts';
import type { Person } from '../../sim/telnyx/person.ts';
import type { TwinOptions } from '../../sim/telnyx/settings.ts';
import { TelnyxTwin } from '../../sim/telnyx/twin.ts';
import type { CarrierSettings } from '../../src/config/settings.ts';
import { ALICE, AppLine, type AppLineOptions, forAlice, OURS, opened, PUBLIC_URL } from './app-line.ts';

export { ALICE, forAlice, STRANGER } from './app-line.ts';

export interface LineOptions extends AppLineOptions {
  readonly twin?: TwinOptions | undefined;
}

export class TelnyxLine extends AppLine {
  readonly twin: TelnyxTwin;

  constructor({ twin, settings, ...options }: LineOptions) {
    super({ ...options, settings: { ...forAlice, ...settings } });
    this.twin = new TelnyxTwin({ clock: this.clock, webhookUrl: PUBLIC_URL, ...twin });
  }

  protected carrier(): CarrierSettings {
    const { publicKey, apiBaseUrl, settings } = this.twin;
    const { apiKey, connectionId } = settings;
    return { name: 'telnyx', apiKey, connectionId, publicKey, apiBaseUrl };
  }

  /** Someone calls us. */
  dialIn(person: Person, from = ALICE): TwinCall {
    return this.twin.dialIn({ from, to: OURS, person });
  }
}

export function startTelnyxLine(test: TestContext, options: LineOptions = {}): Promise<TelnyxLine> {
  return opened(test, new TelnyxLine(options));
}
