// Page: the console as a page of its own, on a connection of its own.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { browserClock } from '../lib/browser-clock.ts';
import { GatewayHost, type SignIn } from './gateway-host.ts';
import { Store } from './store.ts';
import { Console } from './views/console.tsx';
import { SignInForm } from './views/sign-in.tsx';
import './console.css';

/**
 * `#token=…`, as the Control UI takes it, and `#look=only` for a screen on the wall, from which nobody shall act. What
 * stands behind the # is sent to nobody; the token is taken out at once.
 */
function wishFromAddress(): { readonly token: string | null; readonly mayAct: boolean } {
  const wish = new URLSearchParams(location.hash.slice(1));
  const token = wish.get('token');
  wish.delete('token');
  if (token !== null)
    history.replaceState(null, '', `${location.pathname}${wish.size > 0 ? `#${wish}` : ''}`);
  return { token, mayAct: wish.get('look') !== 'only' };
}

/** The Gateway's own address is the part before ours; a base path of a proxy stays. */
function gatewayUrl(): string {
  const base = location.pathname.replace(/plugins\/voice-call\/console\/?.*$/, '');
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${base}`;
}

function App({ host, store }: { readonly host: GatewayHost; readonly store: Store }) {
  const [signIn, setSignIn] = useState<SignIn>(host.signIn);
  useEffect(() => host.onConnection(() => setSignIn(host.signIn)), [host]);
  if (signIn.kind === 'in') return <Console store={store} host={host} />;
  return <SignInForm signIn={signIn} onToken={(token) => host.open(token)} />;
}

const root = document.getElementById('console');
if (root) {
  const { token, mayAct } = wishFromAddress();
  const host = new GatewayHost(gatewayUrl(), mayAct);
  const store = new Store({ host, clock: browserClock });
  store.open();
  host.open(token);
  render(<App host={host} store={store} />, root);
}
