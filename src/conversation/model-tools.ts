// ModelTools: the tools a voice model is offered on the phone, and what it may write into their arguments. Pure.
import type { VoiceTool } from './voice-model.ts';

export const CONSULT = 'openclaw_agent_consult';
export const END_CALL = 'openclaw_end_call';

/** What the agent may do when it is asked from a call; `none`: it is not asked at all. */
export type ToolPolicy = 'safe-read-only' | 'owner' | 'none';
/** When the agent is asked: as the model sees fit, for everything of substance, or always. */
export type ConsultPolicy = 'auto' | 'substantive' | 'always';

/** Longer questions are not questions. */
const MAX_QUESTION = 2_000;
const MAX_CONTEXT = 4_000;
const MAX_STYLE = 400;
/** What a tool of the owner may be given, as JSON. */
const MAX_ARGS = 4_000;

const consult: VoiceTool = {
  name: CONSULT,
  description:
    'Ask the agent behind you, who has memory, tools and current information. Use it before you answer anything ' +
    'that you do not know for certain. It may take some seconds; the caller can be told that you are looking.',
  parameters: {
    type: 'object',
    properties: {
      question: {
        type: 'string',
        description: 'What the caller wants to know or have done, complete in itself.',
      },
      context: { type: 'string', description: 'What was said on the call that matters for it.' },
      responseStyle: {
        type: 'string',
        description: 'How the answer is to sound, e.g. "one short sentence".',
      },
    },
    required: ['question'],
  },
};

const endCall: VoiceTool = {
  name: END_CALL,
  description:
    'Hang up. Only when the caller wants to leave or everything is settled. Say goodbye first: the line is kept ' +
    'until the caller has heard it.',
  parameters: { type: 'object', properties: {} },
};

export interface Toolbox {
  /** What the model is offered. */
  readonly offered: readonly VoiceTool[];
  /** Those of them that the owner has declared; the agent runs them. */
  readonly owned: ReadonlyMap<string, VoiceTool>;
  /** Declared, but the name is taken already. */
  readonly shadowed: readonly string[];
}

/** The tools for every call. Without the agent there is nobody who could run the owner's. */
export function toolbox(declared: readonly VoiceTool[], policy: ToolPolicy): Toolbox {
  const owned = new Map<string, VoiceTool>();
  const shadowed: string[] = [];
  for (const tool of declared) {
    if (tool.name === CONSULT || tool.name === END_CALL || owned.has(tool.name)) shadowed.push(tool.name);
    else owned.set(tool.name, tool);
  }
  if (policy === 'none') return { offered: [endCall], owned: new Map(), shadowed };
  return { offered: [consult, endCall, ...owned.values()], owned, shadowed };
}

export interface Question {
  readonly question: string;
  readonly context: string | null;
  readonly responseStyle: string | null;
}

/** What is wrong with the arguments, in words for the model; `error` goes back to it as the tool's result. */
export interface Refused {
  readonly error: string;
}

/** The model wrote `args`; nothing of it is believed. */
export function questionIn(args: unknown): Question | Refused {
  const fields = objectIn(args);
  if (!fields) return { error: 'The arguments must be an object with a "question".' };
  const { question, context, responseStyle } = fields;
  if (typeof question !== 'string' || plain(question) === '')
    return { error: '"question" must be a text that is not empty.' };
  if (question.length > MAX_QUESTION)
    return { error: `"question" must be shorter than ${MAX_QUESTION} characters.` };
  const long = isText(context, MAX_CONTEXT) && isText(responseStyle, MAX_STYLE);
  if (!long)
    return {
      error: `"context" and "responseStyle" are texts of up to ${MAX_CONTEXT} and ${MAX_STYLE} characters.`,
    };
  return { question: plain(question), context: textOf(context), responseStyle: textOf(responseStyle) };
}

/** A tool the owner has declared is a question to the agent, who runs it under the same policy. */
export function questionFor({ name, description }: VoiceTool, args: unknown): Question | Refused {
  const fields = objectIn(args ?? {});
  if (!fields) return { error: 'The arguments must be an object.' };
  const written = JSON.stringify(fields);
  if (written.length > MAX_ARGS)
    return { error: `The arguments must be shorter than ${MAX_ARGS} characters.` };
  return {
    question: `The voice on the phone needs "${name}" done (${description}), with these arguments: ${written}. Do it if you can, and say what came of it.`,
    context: null,
    responseStyle: null,
  };
}

/** Some models write the object as a text. */
function objectIn(args: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof args === 'string') {
    if (args.length > MAX_QUESTION + MAX_CONTEXT + MAX_STYLE + MAX_ARGS) return null;
    try {
      const parsed: unknown = JSON.parse(args);
      return typeof parsed === 'string' ? null : objectIn(parsed);
    } catch {
      return null;
    }
  }
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return null;
  return args as Readonly<Record<string, unknown>>;
}

function isText(value: unknown, most: number): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.length <= most);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && plain(value) !== '' ? plain(value) : null;
}

/** One line without control characters. */
function plain(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
