// PlivoLine: our whole app on a simulated Plivo, with what stories ask of both.
import type { TestContext } from 'node:test';
import type { Person } from '../../sim/plivo/person.ts';
import type { TwinOptions } from '../../sim/plivo/settings.ts';
import { PlivoTwin } from '../../sim/plivo/twin.ts';
import type { CarrierSettings } from '../../src/config/settings.ts';
import { ALICE, AppLine, type AppLineOptions, forAlice, OURS, opened } from './app-line.ts';

export { ALICE, forAlice, STRANGER } from './app-line.ts';

const ACCOUNT = { authId: 'MAXXXXXXXXXXXXXXXXXX', authToken: 'throw-away-token' };

export interface LineOptions extends AppLineOptions {
  readonly twin?: Partial<TwinOptions> | undefined;
}

export class PlivoLine extends AppLine {
  readonly twin: PlivoTwin;

  constructor({ twin, settings, ...options }: LineOptions) {
    super({ ...options, settings: { ...forAlice, ...settings } });
    this.twin = new PlivoTwin({ clock: this.clock, ...ACCOUNT, ...twin });
  }

  protected carrier(): CarrierSettings {
    return { name: 'plivo', ...ACCOUNT, apiBaseUrl: this.twin.apiBaseUrl };
  }

  /** Someone calls us. */
  dialIn(person: Person, from = ALICE): void {
    const { voiceUrl } = this;
    this.twin.dialIn({ from, to: OURS, answerUrl: voiceUrl, hangupUrl: voiceUrl, person });
  }
}

export function startPlivoLine(test: TestContext, options: LineOptions = {}): Promise<PlivoLine> {
  return opened(test, new PlivoLine(options));
}
