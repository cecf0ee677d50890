// Native: the console as a page of the Control UI, on the connection the operator has there.
import { render } from 'preact';
import { browserClock } from '../lib/browser-clock.ts';
import type { ConsoleHost } from './host.ts';
import { Store } from './store.ts';
import { Console } from './views/console.tsx';
import './console.css';

/** As much of the Control UI's own host as we use; see openclaw/plugin-sdk/control-ui. */
interface ControlUi {
  readonly connection: { readonly connected: boolean; readonly canRead: boolean; readonly canWrite: boolean };
  request<T>(method: string, params?: Record<string, unknown>): Promise<T>;
  onEvent(event: string, listener: (payload: unknown) => void): () => void;
  subscribe(listener: () => void): () => void;
  readonly ui: {
    registerPage(page: {
      id: string;
      label: string;
      mount(container: HTMLElement, context: { readonly host: ControlUi }): { dispose(): void };
    }): void;
    registerNavigation(item: { id: string; label: string; page: { id: string }; icon: string }): void;
  };
}

const PAGE = 'calls';

const plugin = {
  id: 'voice-call',
  activate(ui: ControlUi): void {
    ui.ui.registerPage({ id: PAGE, label: 'Calls', mount: (container, { host }) => mount(container, host) });
    ui.ui.registerNavigation({ id: PAGE, label: 'Calls', page: { id: PAGE }, icon: 'audioLines' });
  },
};

// biome-ignore lint/style/noDefaultExport: the Control UI takes the default export of an entry.
export default plugin;

function mount(container: HTMLElement, ui: ControlUi): { dispose(): void } {
  const host = hostOf(ui);
  const store = new Store({ host, clock: browserClock });
  store.open();
  const root = document.createElement('div');
  root.className = 'vc-root vc-native';
  container.append(root);
  render(<Console store={store} host={host} />, root);
  return {
    dispose() {
      render(null, root);
      root.remove();
      store.close();
    },
  };
}

function hostOf(ui: ControlUi): ConsoleHost {
  return {
    get connection() {
      const { connected, canRead, canWrite } = ui.connection;
      return { isConnected: connected, canRead, canWrite };
    },
    request: (method, params) => ui.request(method, { ...params }),
    onEvent: (name, listener) => ui.onEvent(`plugin.voice-call.${name}`, listener),
    onConnection: (listener) => ui.subscribe(listener),
  };
}
