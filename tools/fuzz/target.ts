// Target: something of ours that strangers can reach, how inputs for it are made, and what must hold for each of them.
import type { Random } from '../random.ts';

/** Plain values only, so that an input can be kept in a file, shown, and made smaller. */
export type Input = Readonly<Record<string, string | number | readonly string[]>>;

export interface Outcome {
  /** A word or two: the report counts them, which shows how deep the inputs reach. */
  readonly kind: string;
  /** The same again for the same input; left out where an answer may differ, such as by its time. */
  readonly answer?: unknown;
}

export interface Subject {
  make(random: Random): Input;
  /** Throws `Broken` when a promise does not hold; whatever else it throws is a crash. */
  check(input: Input): Outcome | Promise<Outcome>;
  close?(): Promise<void>;
}

export interface Target {
  readonly name: string;
  /** The row of the report it belongs to. */
  readonly family: Family;
  /** How many of a million inputs it takes. */
  readonly share: number;
  /** What holds for every input, in words. */
  readonly promise: string;
  open(): Subject | Promise<Subject>;
}

export type Family = 'webhooks' | 'media frames' | 'config' | 'command line' | 'agent replies' | 'requests';

/** A promise that an input broke. `rule` names it; equal rules are the same fault. */
export class Broken extends Error {
  readonly rule: string;

  constructor(rule: string, detail = '') {
    super(detail === '' ? rule : `${rule}: ${detail}`);
    this.rule = rule;
  }
}

/** `rule` as it should be read: "a forgery is accepted" and the like. */
export function forbid(isBroken: boolean, rule: string, detail: () => string = () => ''): void {
  if (isBroken) throw new Broken(rule, detail());
}

/** The parts of an input as their target made them. */
export function text(input: Input, name: string): string {
  const value = input[name];
  return typeof value === 'string' ? value : '';
}

export function texts(input: Input, name: string): readonly string[] {
  const value = input[name];
  return Array.isArray(value) ? value : [];
}

export function number(input: Input, name: string): number {
  const value = input[name];
  return typeof value === 'number' ? value : 0;
}
