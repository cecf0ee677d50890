// Index: the plugin as OpenClaw loads it. It only says what there is; everything else is behind it.
import { definePluginEntry } from 'openclaw/plugin-sdk/plugin-entry';
import manifest from '../openclaw.plugin.json' with { type: 'json' };
import { CONFIG_PATH } from './config/schema.ts';
import { registerConsolePage } from './host/console-page.ts';
import { registerMethods, registerPhoneRoute, registerService, registerTool } from './host/plugin.ts';

const { id, name, description, version } = manifest;

const entry = definePluginEntry({
  id,
  name,
  description,
  // An edit of our configuration does not replace us: the service in host/plugin.ts takes it up.
  reload: { hotPrefixes: [CONFIG_PATH] },
  register(api) {
    api.registerCli(
      async ({ program }) => {
        const { registerHostCli } = await import('./host/cli.ts');
        const { terminalAsk } = await import('./surface/terminal.ts');
        registerHostCli(program, version, {
          write: (text) => process.stdout.write(text),
          warn: (text) => process.stderr.write(text),
          fail: (code) => {
            process.exitCode = code;
          },
          isTerminal: process.stdout.isTTY === true,
          ask: terminalAsk({ input: process.stdin, output: process.stdout }),
        });
      },
      { descriptors: manifest.cliCommands },
    );
    // In these modes the host only wants to know the commands; its runtime is not there yet.
    if (api.registrationMode === 'cli-metadata' || api.registrationMode === 'setup-only') return;
    registerTool(api);
    if (api.registrationMode !== 'full') return;
    registerMethods(api);
    registerPhoneRoute(api);
    registerConsolePage(api);
    registerService(api);
  },
});

/** What `openclaw plugins validate` asks of an entry that offers a tool; definePluginEntry does not add it. */
Object.defineProperty(entry, Symbol.for('openclaw.plugin-sdk.tool-plugin.metadata'), {
  value: {
    id,
    name,
    description,
    activation: manifest.activation,
    configSchema: manifest.configSchema,
    tools: [
      { name: 'voice_call', label: 'Voice call', description: 'Make and manage phone calls', parameters: {} },
    ],
  },
});

export default entry;
