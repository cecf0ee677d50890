// Running: how a command ends, asks the Gateway, and reads what it is given.
import { asVoiceCallError, VoiceCallError } from '../../lib/errors.ts';
import { oneLine } from '../one-line.ts';
import type { CliDeps } from './deps.ts';

/** For what the Gateway answers at once, in milliseconds. */
export const QUICK_MS = 5_000;

/** Writes what `work` returns: text as it is, nothing for undefined, all else as JSON. A failure is one line and exit code 1. */
export async function run(deps: CliDeps, work: () => Promise<unknown>): Promise<void> {
  try {
    const result = await work();
    if (result === undefined) return;
    deps.write(typeof result === 'string' ? `${result}\n` : jsonText(result));
  } catch (error) {
    deps.warn(`${oneLine(asVoiceCallError(error))}\n`);
    deps.fail(1);
  }
}

/** As every answer is written for programs. */
export function jsonText(answer: unknown): string {
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** Asks the Gateway for one of our methods. */
export function request(deps: CliDeps, verb: string, params: object, timeoutMs: number): Promise<unknown> {
  return deps.gateway.request(`voicecall.${verb}`, params, { timeoutMs });
}

/** The same for what only who may change the configuration may ask. */
export function requestAsAdmin(
  deps: CliDeps,
  verb: string,
  params: object,
  timeoutMs: number,
): Promise<unknown> {
  return deps.admin.request(`voicecall.${verb}`, params, { timeoutMs });
}

/** There is nobody to ask: no Gateway, or one that runs without us. */
export function isNobodyThere({ code }: VoiceCallError): boolean {
  return code === 'VC_GATEWAY_UNREACHABLE' || code === 'VC_PLUGIN_NOT_LOADED';
}

interface Flag {
  readonly flag: string;
  readonly text: string;
  readonly min: number;
  readonly max: number;
}

/** A whole number given with an option; throws VC_FLAG_NOT_NUMERIC, which names it. */
export function numberOf({ flag, text, min, max }: Flag): number {
  const value = /^[0-9]{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new VoiceCallError('VC_FLAG_NOT_NUMERIC', { flag, value: text, min, max });
}

export type Fields = Readonly<Record<string, unknown>>;

/** What was answered, as fields; nothing when it was no object. */
export function fieldsOf(payload: unknown): Fields {
  return typeof payload === 'object' && payload !== null ? (payload as Fields) : {};
}
