// CliDoc: docs/cli.md, every command as commander knows it, each with an example that test/e2e/docs.test.ts runs.
import { type Argument, Command, type Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import type { CliDeps } from '../src/surface/cli/deps.ts';
import { addCommands } from '../src/surface/cli.ts';
import { tableOf } from './markdown.ts';

/** What `npm run pack` makes. */
export const tarballName = `${packageJson.name}-${packageJson.version}.tgz`;

/** One example each, by the command's words; a command without one is not documented, which is an error. */
const examples: Readonly<Record<string, string>> = {
  setup: 'voicecall setup',
  smoke: 'voicecall smoke --to +15550001234 --yes',
  call: 'voicecall call --to +15550001234 --mode notify --message "Your table is booked for seven."',
  start: 'voicecall start --to +15550001234',
  continue: 'voicecall continue --call-id <id> --message "Would Tuesday at three suit you?"',
  speak: 'voicecall speak --call-id <id> --message "One moment, I am looking it up."',
  dtmf: 'voicecall dtmf --call-id <id> --digits "1,2#"',
  end: 'voicecall end --call-id <id>',
  'pairing list': 'voicecall pairing list',
  'pairing approve': 'voicecall pairing approve <code>',
  status: 'voicecall status --state ended --limit 5',
  latency: 'voicecall latency --last 50',
  tail: 'voicecall tail --since 5',
  import: 'voicecall import <file>',
  expose: 'voicecall expose --mode funnel',
  ring: 'voicecall ring --from +15550005678 --say "Hello, who is speaking?" "Thank you, goodbye."',
  phone: 'voicecall phone',
  'speech add': 'voicecall speech add',
  rehearse: 'voicecall rehearse polite-caller --no-sound',
};

/** What help texts have no room for. */
const notes: Readonly<Record<string, string>> = {
  setup:
    'Asks only when nothing is set up yet and somebody sits at a terminal; nothing is written before everything was shown ' +
    'and agreed to. `--fix` shows what it would change at the carrier first. Exit code 1 while a check fails.',
  smoke: 'Without `--to` only the checks, without `--yes` a dry run. The call costs what a call costs.',
  call:
    'Prints `{ "callId": "…" }` once the carrier has taken the call. It rings then; `voicecall status` says what became of it. ' +
    'Tool and methods go by `outbound.defaultMode` where no mode is given; the commands do not.',
  continue: 'Prints `{ "success": true, "transcript": "…" }`. Waits up to `transcriptTimeoutMs` for words.',
  end: 'What is being said is heard to its end first.',
  status:
    'Works without a Gateway too: it then reads the call store. `health` in it says what does not work now, and the cure. ' +
    'A call that is not there is exit code 1.',
  latency:
    'Reads the call store, with or without a Gateway. The stages are those of live audio and of a voice model.',
  tail: 'Reads the call store, with or without a Gateway. Ctrl-C ends it.',
  phone: 'Ctrl-C, or an empty input, hangs up. Other telephones: [test-phone.md](test-phone.md).',
  'speech add': 'About 41 MB. Nothing is fetched without this command; it says what makes them heard.',
  rehearse:
    'Exit code 1 when an expectation does not hold. How to write a scenario: [rehearsals.md](rehearsals.md).',
};

/** Of the environment; those that stand in for keys of ours are in docs/configuration.md. */
const variables: readonly (readonly [name: string, meaning: string])[] = [
  [
    'OPENCLAW_GATEWAY_URL',
    'another Gateway: `ws://…` or `wss://…`; the secrets of the file are then not sent',
  ],
  ['OPENCLAW_GATEWAY_TOKEN', 'signs in where the file has no token'],
  ['OPENCLAW_GATEWAY_PASSWORD', 'the same with a password'],
  ['OPENCLAW_GATEWAY_PORT', 'port of the Gateway on this machine (18789)'],
  ['OPENCLAW_CONFIG_PATH', 'the configuration file'],
  ['OPENCLAW_STATE_DIR', 'the state folder, with the file and the calls (`~/.openclaw`)'],
  ['OPENCLAW_PROFILE', 'the state folder of a profile: `~/.openclaw-<profile>`'],
  ['OPENCLAW_HOME', 'the home folder, where it is not `HOME` (`USERPROFILE` on Windows)'],
];

/** docs/cli.md */
export function cliDoc(): string {
  return `# Commands

Printed by \`npm run docs\` from \`src/surface/cli\` and \`tools/cli-doc.ts\`; do not edit.

Each command exists twice: as \`openclaw voicecall …\`, and as the package's own \`voicecall …\`, which talks straight to the
running Gateway and answers in a fraction of a second. Both find the Gateway as OpenClaw does: by its configuration file
and the variables below. The package's own is there after
\`npm install -g ./${tarballName}\`, and needs Node 24.16 or newer; beside \`npm start\`, after \`. .state/env\`.

- At a terminal people read text; elsewhere, or with \`--json\` where there is one, JSON is printed.
- A failure is one line on standard error, with its cure, and exit code 1. [errors.md](errors.md) has them all.
- Numbers are E.164: \`+15550001234\`. A call is named by our id or by the carrier's.
- Every command has \`--help\`; \`voicecall --version\` says which one this is.

${tableOf(
  ['variable', 'meaning'],
  variables.map(([name, meaning]) => [`\`${name}\``, meaning]),
)}

${allCommands().map(sectionOf).join('\n\n')}
`;
}

export interface DocumentedCommand {
  /** Its words, such as \`pairing approve\`. */
  readonly name: string;
  readonly command: Command;
}

/** Every command that can be run, in the order of the help. */
export function allCommands(): readonly DocumentedCommand[] {
  return inside(program(), '').filter(({ command }) => command.commands.length === 0);
}

/** Every command that only has others below it. */
export function allGroups(): readonly DocumentedCommand[] {
  return inside(program(), '').filter(({ command }) => command.commands.length > 0);
}

function program(): Command {
  const whole = new Command('voicecall');
  // What they need is only asked for when one is run.
  addCommands(whole, {} as CliDeps);
  return whole;
}

function inside({ commands }: Command, prefix: string): readonly DocumentedCommand[] {
  return commands.flatMap((command) => {
    const name = `${prefix}${command.name()}`;
    return [{ name, command }, ...inside(command, `${name} `)];
  });
}

function sectionOf({ name, command }: DocumentedCommand): string {
  const example = examples[name];
  if (example === undefined) throw new Error(`tools/cli-doc.ts has no example for "voicecall ${name}"`);
  const { options } = command;
  const words = command.registeredArguments.map((one) => ` ${argument(one)}`).join('');
  return [
    `## voicecall ${name}${words}`,
    `${command.description()}.`,
    `\`\`\`sh\n${example}\n\`\`\``,
    ...(options.length === 0 ? [] : [tableOf(['option', 'default', 'meaning'], options.map(rowOf))]),
    ...(notes[name] === undefined ? [] : [notes[name]]),
  ].join('\n\n');
}

function argument(one: Argument): string {
  const name = `${one.name()}${one.variadic ? '...' : ''}`;
  return one.required ? `<${name}>` : `[${name}]`;
}

function rowOf(option: Option): readonly string[] {
  const { flags, description, mandatory, argChoices, negate } = option;
  const choices = argChoices ? `: ${argChoices.join(', ')}` : '';
  const preset = negate || option.defaultValue === undefined ? '' : `\`${option.defaultValue}\``;
  return [`\`${flags}\``, mandatory ? 'required' : preset, `${description}${choices}`];
}
