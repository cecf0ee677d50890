// DemoConfig: the OpenClaw configuration of `npm start`: loopback, one model, our plugin with the mock carrier.
import { MODEL_ID, providerEntry } from '../demo/model.ts';
import { demoLines } from '../demo/talk.ts';

export interface DemoConfig {
  readonly port: number;
  readonly token: string;
  /** `provider/model` of a real provider; null when `demoModelUrl` answers. */
  readonly model: string | null;
  readonly demoModelUrl: string | null;
}

/** The scripted person and our voice speak this many times faster than people do: a demo, not a wait. */
const PACE = 3;

/**
 * Without the plugin's entry: an entry of a plugin that is not installed yet makes OpenClaw fetch the official
 * plugin of that name instead, so it is added after the installation.
 */
export function hostConfig({ port, token, model, demoModelUrl }: DemoConfig): object {
  return {
    gateway: {
      mode: 'local',
      port,
      bind: 'loopback',
      auth: { mode: 'token', token },
      // Calls are in the sidebar of the Control UI too.
      controlUi: { experimental: { customPlugins: true } },
    },
    agents: {
      defaults: {
        skipBootstrap: true,
        // Nobody is to pay for a model that is asked while no call is made.
        heartbeat: { every: '0m' },
        model: { primary: model ?? `demo/${MODEL_ID}` },
      },
    },
    ...(demoModelUrl !== null && {
      models: { mode: 'merge', providers: { demo: providerEntry(demoModelUrl) } },
    }),
    update: { checkOnStart: false },
    discovery: { mdns: { mode: 'off' } },
  };
}

export function withPlugin(config: object): object {
  const pluginConfig = {
    provider: 'mock',
    mock: { says: demoLines, answerAfterMs: 1_200, pace: PACE },
    inboundPolicy: 'open',
    outbound: { defaultMode: 'conversation' },
    // Every demo call begins anew, so that it can be watched twice.
    sessionScope: 'per-call',
  };
  return { ...config, plugins: { entries: { 'voice-call': { enabled: true, config: pluginConfig } } } };
}
