// TwilioLine: our whole app on a simulated Twilio, with what stories ask of both.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { TwinCall } from '../../sim/twilio/call.ts';
import type { Caller } from '../../sim/twilio/caller.ts';
import type { HookRecord } from '../../sim/twilio/ledger.ts';
import type { TwinOptions } from '../../sim/twilio/settings.ts';
import { tell } from '../../sim/twilio/story.ts';
import { TwilioTwin } from '../../sim/twilio/twin.ts';
import type { Call, Mode } from '../../src/call/call.ts';
import type { CarrierSettings } from '../../src/config/settings.ts';
import type { PlaceRequest } from '../../src/runtime/phone.ts';
import { ALICE, AppLine, type AppLineOptions, GREETING, OURS, opened } from './app-line.ts';

export { ALICE, GREETING, OURS, PUBLIC_URL, STRANGER } from './app-line.ts';

const ACCOUNT = `AC${'0123456789abcdef'.repeat(2)}`;
const TOKEN = 'throw-away-token';

export interface LineOptions extends AppLineOptions {
  readonly twin?: Partial<TwinOptions> | undefined;
}

export class TwilioLine extends AppLine {
  readonly twin: TwilioTwin;

  constructor({ twin, ...options }: LineOptions) {
    super(options);
    this.twin = new TwilioTwin({ clock: this.clock, accountSid: ACCOUNT, authToken: TOKEN, ...twin });
  }

  protected carrier(): CarrierSettings {
    const account = { accountSid: ACCOUNT, authToken: TOKEN, region: 'us1' } as const;
    return { name: 'twilio', ...account, apiBaseUrl: this.twin.apiBaseUrl };
  }

  /** We call. */
  place(mode: Mode, message: string | null = GREETING, more: Partial<PlaceRequest> = {}): Promise<Call> {
    return this.order({ mode, message, ...more });
  }

  /** Someone calls us. */
  dialIn(person: Caller, from = ALICE): TwinCall {
    const { voiceUrl } = this;
    return this.twin.dialIn({ from, to: OURS, voiceUrl, statusCallback: voiceUrl, person });
  }

  /** The only call at the carrier. */
  get theirs(): TwinCall {
    const [call, ...others] = this.twin.calls;
    assert.ok(call);
    assert.deepEqual(others, [], 'one call only');
    return call;
  }

  /** What the person heard; what was cut ends in an ellipsis. */
  get heard(): string[] {
    return this.theirs.heard.map(({ text, cut }) => (cut ? `${text}…` : text));
  }

  /** Until the carrier has no call any more, and on until every timer has had its time. */
  async over(): Promise<void> {
    await this.until(() => this.twin.calls.length > 0 && this.twin.liveCalls().length === 0);
    await this.until(90_000);
  }

  /** Plays to the end, at which the carrier has nothing to complain about and nothing is left. */
  async toTheEnd(): Promise<void> {
    await this.over();
    const told = this.twin.calls.map((call) => tell(call, this.twin.problems)).join('\n\n');
    assert.deepEqual(this.twin.problems, [], told);
    this.nothingIsLeft(told);
  }

  nothingIsLeft(told?: string): void {
    assert.equal(this.app.openCalls(), 0, told);
    assert.equal(this.clock.pending, 0, 'no timer is left');
    const troubles = this.log.lines.filter(({ level }) => level === 'error');
    assert.deepEqual(troubles, []);
  }

  hooks(kind: HookRecord['kind']): readonly HookRecord[] {
    return this.twin.ledger.hooks.filter((hook) => hook.kind === kind);
  }

  /** How often the carrier was asked to do what. */
  requests(action: 'create' | 'update'): readonly Readonly<Record<string, readonly string[]>>[] {
    return this.twin.ledger.requests
      .filter(
        ({ method, path }) => method === 'POST' && path.endsWith('/Calls.json') === (action === 'create'),
      )
      .map(({ form }) => form);
  }
}

export function startTwilioLine(test: TestContext, options: LineOptions = {}): Promise<TwilioLine> {
  return opened(test, new TwilioLine(options));
}
