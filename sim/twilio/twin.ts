// TwilioTwin: a carrier on loopback that speaks Twilio's wire, with people to call, faults to switch, and a ledger.
import type { Clock } from '../../src/lib/clock.ts';
import { Twin, type TwinParts } from '../twin.ts';
import type { TwinCall, World } from './call.ts';
import { Caller } from './caller.ts';
import { type DialIn, Exchange } from './exchange.ts';
import { Faults } from './faults.ts';
import { type HookRecord, Ledger, type Problem } from './ledger.ts';
import { Numbers } from './numbers.ts';
import { Postman, type PostOffice } from './postman.ts';
import { RestApi } from './rest.ts';
import { settingsOf, type TwinOptions, type TwinSettings } from './settings.ts';

export class TwilioTwin extends Twin<Caller, DialIn, TwinCall, HookRecord, Problem> {
  person: Caller = new Caller();
  readonly faults = new Faults();
  /** The numbers of the account, and where their calls lead. */
  readonly numbers = new Numbers();
  readonly ledger: Ledger;
  readonly settings: TwinSettings;
  protected readonly parts: TwinParts<DialIn, TwinCall, HookRecord, Problem>;

  constructor({ clock, ...options }: TwinOptions & { readonly clock: Clock }) {
    super(clock);
    this.settings = settingsOf(options);
    this.ledger = new Ledger(clock, this.activity);
    const { settings, ledger, faults, media, tunnels, activity } = this;
    const shared = { clock, settings, ledger, activity, closing: this.closing.signal };
    const office: PostOffice = { ...shared, faults, tunnels };
    const postman = new Postman(office);
    const world: World = { ...shared, media, tunnels, postman };
    const exchange = new Exchange(world, (number) => this.whoAnswers(number));
    this.parts = { exchange, rest: new RestApi(office, exchange, this.numbers), postman, ledger };
  }
}
