// StartOptions: what `npm start` was asked to do, and whether the model it names can be used.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Trouble } from './terminal.ts';

export interface StartOptions {
  readonly once: boolean;
  readonly help: boolean;
  /** `provider/model`; null is the demo model. */
  readonly model: string | null;
}

export const usage = `Usage: npm start -- [options]

  Builds the plugin, installs it into a real OpenClaw Gateway that lives in this
  folder, and places a phone call to a scripted person. Stays up until Ctrl-C.

  --once                     end after the call: exit code 0 if it went well
  --model <provider/model>   let a real model answer, e.g. anthropic/claude-sonnet-5;
                             its key is taken from the environment
  --help                     show this`;

export function parseOptions(args: readonly string[]): StartOptions {
  const { values } = parsed(args);
  const { once = false, help = false, model = null } = values;
  if (model !== null && !/^[\w.-]+\/\S+$/.test(model)) {
    throw new Trouble(
      `"${model}" is not a model.`,
      'Name it as provider/model, e.g. --model openai/gpt-6-sol.',
    );
  }
  return { once, help, model };
}

function parsed(args: readonly string[]): {
  readonly values: { readonly once?: boolean; readonly help?: boolean; readonly model?: string };
} {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        model: { type: 'string' },
      },
    });
  } catch (error) {
    throw notUnderstood(error);
  }
}

/** Node's complaint in its first sentence; what follows is advice about other programs. */
function notUnderstood(cause: unknown): Trouble {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Trouble(`${why.split('. ')[0]}.`, `\n${usage}`, { cause });
}

/** A model provider as OpenClaw's own plugin manifests describe it. */
export interface ProviderKeys {
  readonly id: string;
  readonly envVars: readonly string[];
}

/** Servers on the person's own machine or network, which need no key. */
const KEYLESS = new Set(['ollama', 'lmstudio', 'vllm', 'sglang', 'litellm']);

/** Refuses a model whose key is missing. A provider we do not know is left to OpenClaw. */
export function requireKey(
  model: string,
  known: readonly ProviderKeys[],
  env: Readonly<Record<string, string | undefined>>,
): void {
  const [provider = ''] = model.split('/');
  const envVars = known.filter(({ id }) => id === provider).flatMap((entry) => entry.envVars);
  if (KEYLESS.has(provider) || envVars.length === 0 || envVars.some((name) => env[name])) return;
  throw new Trouble(
    `The model ${model} needs a key, and ${envVars.join(' or ')} is not set.`,
    `Set it and run the command again, e.g. ${envVars[0]}=… npm start -- --model ${model}`,
  );
}

/** Every model provider this OpenClaw brings along, and the variables it takes a key from. */
export function knownProviders(): readonly ProviderKeys[] {
  const extensions = path.resolve(
    import.meta.dirname,
    '..',
    'node_modules',
    'openclaw',
    'dist',
    'extensions',
  );
  return globSync('*/openclaw.plugin.json', { cwd: extensions }).flatMap((file) => {
    const manifest: Manifest = JSON.parse(readFileSync(path.join(extensions, file), 'utf8'));
    return (manifest.setup?.providers ?? []).map(({ id, envVars = [] }) => ({ id, envVars }));
  });
}

interface Manifest {
  readonly setup?: {
    readonly providers?: readonly { readonly id: string; readonly envVars?: readonly string[] }[];
  };
}

/** The variables a model provider may need in the Gateway's environment. */
export function keyNames(): readonly string[] {
  return knownProviders().flatMap(({ envVars }) => envVars);
}
