// FakePhone: a telephone that dials nobody and remembers what it was asked; for tests of what sits on top of it.
import type { Call } from '../src/call/call.ts';
import { newOutboundCall } from '../src/call/new-call.ts';
import { VoiceCallError } from '../src/lib/errors.ts';
import type { CallPage, CallQuery } from '../src/record/history.ts';
import type { Pairing, Phone, PlaceRequest, Spending, Step } from '../src/runtime/phone.ts';
import { settings } from './core-call.ts';

/** A call as it is right after dialling. `changes` are laid over it. */
export function someCall(changes: Partial<Call> = {}): Call {
  const call = newOutboundCall({
    id: 'call-1',
    carrier: 'mock',
    asks: false,
    from: '+15550000000',
    to: '+15550001234',
    at: 1_000,
    mode: 'conversation',
    requesterSessionKey: null,
    answerByMs: 45_000,
    settings: { ...settings, greeting: 'Hello.' },
  });
  return { ...call, ...changes };
}

/** The health of a telephone that lacks nothing. */
export const allWell = { troubles: () => [] } as const;

export class FakePhone implements Phone {
  readonly placed: PlaceRequest[] = [];
  readonly spoken: { readonly id: string; readonly text: string }[] = [];
  readonly ended: { readonly id: string; readonly sessionKey: string | null }[] = [];
  readonly rung: { readonly from: string; readonly says: readonly string[] }[] = [];
  readonly pressed: { readonly id: string; readonly digits: string }[] = [];
  calls: readonly Call[] = [];
  /** What happened on `call-1`. */
  happened: readonly Step[] = [];
  waiting: readonly Pairing[] = [];
  spent: Spending | null = null;
  /** What the caller answers; an error is thrown instead. */
  answer: string | VoiceCallError = 'Fine, thanks.';
  /** Thrown by everything that acts, when set. */
  trouble: Error | null = null;

  async place(request: PlaceRequest): Promise<Call> {
    this.#act();
    this.placed.push(request);
    return someCall({ to: request.to, mode: request.mode });
  }

  async ask(id: string, text: string): Promise<{ transcript: string }> {
    this.#act();
    this.spoken.push({ id, text });
    if (this.answer instanceof VoiceCallError) throw this.answer;
    return { transcript: this.answer };
  }

  async speak(id: string, text: string): Promise<void> {
    this.#act();
    this.spoken.push({ id, text });
  }

  async sendDigits(id: string, digits: string): Promise<void> {
    this.#act();
    this.pressed.push({ id, digits });
  }

  async end(id: string, by: { readonly sessionKey: string | null }): Promise<void> {
    this.#act();
    this.ended.push({ id, sessionKey: by.sessionKey });
  }

  find(id: string): Call | null {
    return this.calls.find((call) => call.id === id || call.carrierCallId === id) ?? null;
  }

  steps(callId: string, { after, limit }: Parameters<Phone['steps']>[1]): readonly Step[] {
    return callId === 'call-1' ? this.happened.filter(({ seq }) => seq > after).slice(0, limit) : [];
  }

  list(limit: number): readonly Call[] {
    return this.calls.slice(0, limit);
  }

  page({ limit }: CallQuery): CallPage {
    return { calls: this.calls.slice(0, limit), next: this.calls.length > limit ? '0-1-more' : null };
  }

  spending(): Spending | null {
    return this.spent;
  }

  pairings(): readonly Pairing[] {
    return this.waiting;
  }

  approve(code: string): { readonly from: string } {
    const pairing = this.waiting.find((one) => one.code === code);
    if (!pairing) throw new VoiceCallError('VC_PAIRING_UNKNOWN', { code });
    this.waiting = this.waiting.filter((one) => one !== pairing);
    return { from: pairing.from };
  }

  async ring(from: string, says: readonly string[]): Promise<Call> {
    this.#act();
    this.rung.push({ from, says });
    return someCall({ id: 'call-2', direction: 'inbound', from });
  }

  #act(): void {
    if (this.trouble) throw this.trouble;
  }
}
