// Setup: everything a person has to get right before the first call, checked from inside the Gateway.
import { accountAt } from '../carrier/accounts.ts';
import { apiTransport } from '../carrier/http.ts';
import type { ParsedConfig } from '../config/parse.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { type CarrierDesk, carrierChecks } from './carrier-checks.ts';
import { AT_ONCE_MS, type Check, failed, fine, runChecks, type SetupReport } from './check.ts';
import { configuredChecks, policyChecks } from './configured.ts';
import { keepingChecks, type MachineDeps, machineChecks } from './machine.ts';
import { type Change, planRepair, type Repaired, type RepairPlan, repair } from './repair.ts';
import { type VoicesDeps, voiceChecks } from './voices.ts';

export interface SetupDeps extends VoicesDeps, MachineDeps {
  /** What the configuration says; `settings` are its own. */
  readonly parsed: ParsedConfig;
  /** Routes that name an agent there is none of, as sentences. */
  readonly ownerless: () => readonly string[];
  /** Told where calls to our number lead, when the carrier says that this is where we are. */
  readonly numberLeadsTo: (webhookUrl: string) => void;
}

export class Setup {
  readonly #deps: SetupDeps;

  constructor(deps: SetupDeps) {
    this.#deps = deps;
  }

  /** All checks. Costs a sentence of speech, one of listening and a few tokens. Never rejects. */
  async check(): Promise<SetupReport> {
    const deps = this.#deps;
    const desk = this.#desk();
    const checks: readonly Check[] = [
      ...configuredChecks(deps.parsed),
      { id: 'agent-owner', withinMs: AT_ONCE_MS, run: () => agentOwner(deps) },
      ...carrierChecks(desk),
      ...machineChecks(deps),
      ...voiceChecks(deps),
      ...policyChecks(deps.settings),
      ...keepingChecks(deps),
    ];
    const report = await runChecks(checks, deps.clock);
    const { ok = false } = report.checks.find(({ id }) => id === 'number-webhook') ?? {};
    if (ok && desk?.takesCalls) this.#leads(desk);
    return report;
  }

  async plan(): Promise<RepairPlan> {
    const desk = this.#desk();
    const plan = await planRepair(desk);
    if (plan.kind === 'right') this.#leads(desk);
    return plan;
  }

  async repair(order: { readonly agreed: readonly Change[]; readonly despite: boolean }): Promise<Repaired> {
    const desk = this.#desk();
    const repaired = await repair(desk, order);
    if (repaired.ok) this.#leads(desk);
    return repaired;
  }

  #leads(desk: CarrierDesk | null): void {
    const webhookUrl = desk?.webhookUrl ?? null;
    if (webhookUrl !== null) this.#deps.numberLeadsTo(webhookUrl);
  }

  #desk(): CarrierDesk | null {
    const { settings, clock, telephone } = this.#deps;
    const at = accountAt(settings.carrier);
    if (at === null) return null;
    const running = telephone();
    return {
      account: at.account,
      transport: apiTransport(at.apiBase, clock),
      fromNumber: settings.fromNumber,
      // A tunnel's address is only known while it is open.
      webhookUrl: ('why' in running ? null : running.webhookUrl) ?? settings.publicUrl,
      takesCalls: settings.inboundPolicy !== 'disabled',
      hasCredentials: !Object.values(settings.carrier).includes(''),
    };
  }
}

function agentOwner({ ownerAgent, ownerless }: SetupDeps): ReturnType<Check['run']> {
  const agentId = ownerAgent();
  const [first] = ownerless();
  if (first !== undefined) return failed(first, new VoiceCallError('VC_AGENT_UNKNOWN', { why: '' }).cure);
  return fine(`agent ${agentId} owns the calls`);
}
