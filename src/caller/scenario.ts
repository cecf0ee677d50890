// Scenario: what a scripted caller does and expects, read from YAML; a fault names its line, its key and the cure.
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { reasonOf, VoiceCallError } from '../lib/errors.ts';

const words = z.string().trim().min(1);
const ms = z.int().min(1).max(600_000);
/** Text is looked for as it is, in any case; `/text/` is an expression. */
const pattern = words.refine((text) => isPattern(text), 'it is no expression that can be read');
const patterns = z.union([pattern.transform((one) => [one]), z.array(pattern).min(1)]);

const step = z.union([
  z.strictObject({ say: words, pause_ms: ms.optional() }),
  z.strictObject({ interrupt: words, after_ms: ms.default(1_000) }),
  z.strictObject({ keys: z.string().regex(/^[0-9A-Da-d*#]{1,32}$/, 'keys are 0-9, *, #, A-D') }),
  z.strictObject({ silent_ms: ms }),
  z.strictObject({
    expect: words,
    says: patterns.optional(),
    says_not: patterns.optional(),
    within_ms: ms.default(15_000),
  }),
  z.strictObject({ hang_up: z.literal(true) }),
]);

const OUTCOMES = ['completed', 'hangup-user', 'hangup-bot', 'timeout', 'error', 'failed', 'busy'] as const;
const outcome = z.enum(OUTCOMES);

const schema = z.strictObject({
  name: words,
  /** The number that is called; ours when absent. */
  to: z.string().optional(),
  steps: z.array(z.unknown()).min(1),
  outcome: z.union([outcome.transform((one) => [one]), z.array(outcome).min(1)]).optional(),
  /** What no turn may take longer than, from the end of the words to the answer. */
  turn_within_ms: ms.optional(),
});

export type Step = z.output<typeof step>;
export type Expectation = Extract<Step, { expect: string }>;
export interface Scenario extends Omit<z.output<typeof schema>, 'steps'> {
  readonly steps: readonly Step[];
}

/** The key by which each kind of step is known, and what else it may have. */
const KINDS: Readonly<Record<string, z.ZodObject>> = Object.fromEntries(
  step.options.map((option) => [Object.keys(option.shape)[0] ?? '', option]),
);

/** Throws VC_SCENARIO_INVALID. `file` is how the person called it. */
export function readScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fault = (path: readonly PropertyKey[], why: string): VoiceCallError => {
    const at = `${file}:${lines.linePos(offsetOf(document, path)).line || 1}`;
    return new VoiceCallError('VC_SCENARIO_INVALID', { at, key: keyOf(path), why });
  };
  const [error] = document.errors;
  if (error) throw invalidYaml(file, error);
  const read = schema.safeParse(plainOf(document, fault));
  if (!read.success) throw faultOf(read.error, [], fault);
  const steps = read.data.steps.map((one, index) => readStep(one, ['steps', index], fault));
  return { ...read.data, steps };
}

/** What refers to itself again and again would fill all memory. */
function plainOf(document: Document, fault: Fault): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw fault([], reasonOf(error));
  }
}

type Fault = (path: readonly PropertyKey[], why: string) => VoiceCallError;

function readStep(raw: unknown, path: readonly PropertyKey[], fault: Fault): Step {
  const keys = Object.keys(typeof raw === 'object' && raw !== null ? raw : {});
  const kind = Object.keys(KINDS).find((key) => keys.includes(key));
  const known = kind === undefined ? undefined : KINDS[kind];
  if (!known) throw fault([...path, keys[0] ?? ''], `a step is one of ${Object.keys(KINDS).join(', ')}`);
  const read = known.safeParse(raw);
  if (read.success) return read.data as Step;
  throw faultOf(read.error, path, fault);
}

function faultOf(
  { issues: [issue] }: z.ZodError,
  base: readonly PropertyKey[],
  fault: Fault,
): VoiceCallError {
  const path = [...base, ...(issue?.path ?? [])];
  if (issue?.code === 'unrecognized_keys')
    return fault([...path, issue.keys[0] ?? ''], 'it is not known here');
  if (issue?.code === 'invalid_value') return fault(path, `it is one of ${issue.values.join(', ')}`);
  return fault(path, issue?.message ?? 'it was not understood');
}

function invalidYaml(
  file: string,
  { message, linePos }: { message: string; linePos?: unknown },
): VoiceCallError {
  const [from] = Array.isArray(linePos) ? (linePos as readonly { readonly line: number }[]) : [];
  const [why = message] = message.split(/ at line|\n/);
  return new VoiceCallError('VC_SCENARIO_INVALID', {
    at: `${file}:${from?.line ?? 1}`,
    key: 'the file',
    why,
  });
}

/** Where what the path names stands in the text; where it is missing, what it is missing from. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let count = path.length; count > 0; count--) {
    const node: unknown = document.getIn(path.slice(0, count), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

/** `steps[2].within_ms`, counted from 1 as people do. */
function keyOf(path: readonly PropertyKey[]): string {
  const text = path.map((key) => (typeof key === 'number' ? `[${key + 1}]` : `.${String(key)}`)).join('');
  return text.replace(/^\./, '').replace(/\.$/, '') || 'the file';
}

function isPattern(text: string): boolean {
  try {
    return matcherOf(text) !== null;
  } catch {
    return false;
  }
}

/** Whether a text has it. */
export function matcherOf(wanted: string): (text: string) => boolean {
  const expression = /^\/(.+)\/([a-z]*)$/s.exec(wanted);
  if (!expression) return (text) => text.toLowerCase().includes(wanted.toLowerCase());
  const [, body = '', flags = ''] = expression;
  const read = new RegExp(body, flags.includes('i') ? flags : `${flags}i`);
  return (text) => read.test(text);
}
