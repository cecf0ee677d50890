// ApiDoc: docs/tool-and-rpc.md, the agent tool and the Gateway methods, as the verbs themselves define them.
import * as z from 'zod';
import type { errorTable } from '../src/lib/errors.ts';
import { verbs } from '../src/operation/index.ts';
import { exposeParams } from '../src/surface/expose-method.ts';
import { toolActions, voiceCallTool } from '../src/surface/tool.ts';
import { actionExamples, methodExamples } from './api-examples.ts';
import { tableOf } from './markdown.ts';

interface Method {
  readonly name: string;
  readonly summary: string;
  readonly scope: 'read' | 'write' | 'admin';
  readonly input: z.ZodObject | null;
}

/** Those of the set-up stand beside the verbs: they work even when the telephone could not be started. */
const besides: readonly Method[] = [
  { name: 'setup', summary: 'Checks everything the telephone needs.', scope: 'write', input: null },
  { name: 'setup.plan', summary: 'What would be changed at the carrier.', scope: 'write', input: null },
  {
    name: 'setup.fix',
    summary: 'Has the carrier send the calls of our number to us.',
    scope: 'admin',
    input: null,
  },
  {
    name: 'expose',
    summary: 'Shows the webhook and the media streams through Tailscale, or takes them back.',
    scope: 'admin',
    input: exposeParams,
  },
];

/** docs/tool-and-rpc.md */
export function apiDoc(): string {
  const methods = [...Object.values(verbs), ...besides];
  return `# The agent tool and the Gateway methods

Printed by \`npm run docs\` from \`src/operation\`, \`src/surface\` and \`tools/api-examples.ts\`; do not edit.

Tool, methods and commands are the same verbs. Numbers are E.164; \`callId\` is our id of a call or the carrier's; times are
milliseconds since the epoch. Unknown parameters of a method are refused, not ignored.

## The tool \`voice_call\`

\`action\` says what to do; what is marked \`?\` may be left out:

${tableOf(
  ['action', 'takes', 'does'],
  Object.entries(toolActions).map(([name, { verb, takes, needs }]) => [
    `\`${name}\``,
    takes.map((one) => `\`${one}${isAmong(needs, one) ? '' : '?'}\``).join(', '),
    does(verb.summary, needs),
  ]),
)}

${tableOf(['parameter', 'type', 'meaning'], rowsOf(toolProperties()))}

${Object.entries(actionExamples)
  .map(([action, params]) => block({ action, ...params }))
  .join('\n\n')}

It answers what the method of the same verb answers, as JSON. A failure is an answer too, so that the agent can react to it:
\`{ "error": "…", "cure": "…" }\`. \`cure\` is what can be done about it. The agent that asks owns the call and its outcome;
no parameter changes who asks. How to use it well: [the skill](../skills/voice-call/SKILL.md).

The form of the first releases is understood: \`{"mode":"call","to":"+15550001234","message":"Hello."}\` and
\`{"mode":"status","sid":"<id>"}\`.

## The Gateway methods

Over an authenticated connection to the Gateway, with the scope the table names. A failure has \`code\` (\`INVALID_REQUEST\`:
ask differently; \`UNAVAILABLE\`: it cannot be done now), \`message\` with its cure, and in \`details\` our own \`code\`, \`message\`
and \`cure\` apart. Every method may answer \`VC_NOT_RUNNING\`, with the reason (not configured, switched off, being stopped),
\`VC_PARAM_REQUIRED\` and \`VC_PARAM_INVALID\`; [errors.md](errors.md) has them all.

${tableOf(
  ['method', 'scope', 'does'],
  methods.map(({ name, scope, summary }) => [`\`voicecall.${name}\``, `\`operator.${scope}\``, summary]),
)}

${methods.map(sectionOf).join('\n\n')}

## Events

The Gateway tells connections with the scope \`operator.read\`:

${tableOf(
  ['event', 'when', 'what'],
  [
    [
      '`plugin.voice-call.call`',
      'with every step of every call',
      '`call` as `voicecall.status` has it, with its latest lines and turns; `from`: how many came before those; `event`',
    ],
    [
      '`plugin.voice-call.live`',
      'between the steps of a call that `voicecall.watch` asked for',
      '`kind`: `words` (not final yet), `levels` (of the sound), `mark` (`speaks`, `rests`, `held`, `resumed`, `cut`)',
    ],
  ],
)}
`;
}

/** A verb may say what it does without a call; an action that needs one does not do that. */
function does(summary: string, needs: readonly string[]): string {
  const [withCall = summary] = summary.split('; without a call:');
  return isAmong(needs, 'callId') && withCall !== summary ? `${withCall}.` : summary;
}

function sectionOf({ name, summary, input }: Method): string {
  const example = methodExamples[name];
  if (!example) throw new Error(`tools/api-examples.ts has no example for "voicecall.${name}"`);
  const { params, answer, errors, note } = example;
  const properties = input === null ? {} : propertiesOf(z.toJSONSchema(input, { io: 'input' }));
  return [
    `### voicecall.${name}`,
    summary,
    ...(Object.keys(properties).length === 0
      ? []
      : [tableOf(['parameter', 'type', 'meaning'], rowsOf(properties))]),
    block({ method: `voicecall.${name}`, params }),
    'It answers:',
    block(answer),
    ...(note === undefined ? [] : [note]),
    ...(errors.length === 0 ? [] : [`Errors: ${errors.map(linkOf).join(', ')}.`]),
  ].join('\n\n');
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly isRequired?: boolean;
}

type Properties = Readonly<Record<string, Property>>;

function propertiesOf(schema: object): Properties {
  const { properties = {}, required = [] } = schema as {
    properties?: Properties;
    required?: readonly string[];
  };
  return Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, { ...one, isRequired: required.includes(name) }]),
  );
}

function toolProperties(): Properties {
  const nobody = { sessionKey: null, agentId: null };
  const closed = (): never => {
    throw new Error('only its parameters are wanted');
  };
  return propertiesOf(voiceCallTool(closed, nobody).parameters);
}

function rowsOf(properties: Properties): readonly (readonly string[])[] {
  return Object.entries(properties).map(([name, property]) => {
    const { description = '', isRequired, default: preset } = property;
    const end = isRequired ? '. Required' : '';
    const usual = preset === undefined ? '' : `. Default ${codeOf(preset)}`;
    return [`\`${name}\``, typeOf(property), `${description}${end}${usual}`];
  });
}

function typeOf({ type = '', enum: values, minimum, maximum }: Property): string {
  if (values) return values.map(codeOf).join(' ');
  if (type === 'string') return 'text';
  if (type === 'array') return 'list of texts';
  if (type !== 'integer') return type;
  const isLimited = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return `whole number, ${isLimited ? `${minimum} to ${maximum}` : `at least ${minimum}`}`;
}

function isAmong(needs: readonly string[], name: string): boolean {
  return needs.includes(name);
}

function codeOf(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function block(value: object): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')}\n\`\`\``;
}

function linkOf(code: keyof typeof errorTable): string {
  return `[\`${code}\`](errors.md#${code.toLowerCase()})`;
}
