// Console: the whole page: who may see it, the calls, and the one that is looked at.
import { useMemo, useState } from 'preact/hooks';
import type { ConsoleHost } from '../host.ts';
import type { State, Store } from '../store.ts';
import { usePhone } from '../use-phone.ts';
import { useStore } from '../use-store.ts';
import { CallList } from './call-list.tsx';
import { CallView } from './call-view.tsx';
import { Latency } from './latency.tsx';
import { PhonePanel } from './phone-panel.tsx';
import { PlaceCall } from './place-call.tsx';
import { readOnlyReason } from './reason.ts';
import { useFocusKept } from './use-focus-kept.ts';

export interface Shown {
  readonly store: Store;
  readonly state: State;
}

export function Console({ store, host }: { readonly store: Store; readonly host: ConsoleHost }) {
  const state = useStore(store);
  const { connection, problem } = state;
  const isBlind = connection.isConnected && !connection.canRead;
  return (
    <div class={`vc ${state.selected === null ? '' : 'vc-has-call'}`}>
      <Header store={store} state={state} />
      {!connection.isConnected && (
        <p class="vc-banner" role="status">
          The Gateway is not connected. What you see is as it was; it goes on by itself when the Gateway is
          back.
        </p>
      )}
      {problem !== null && connection.isConnected && (
        <p class="vc-banner vc-banner-bad" role="alert">
          <span>{problem}</span>
          <button type="button" class="vc-quiet" onClick={() => store.dismiss()}>
            Dismiss
          </button>
        </p>
      )}
      {state.health.map(({ subject, message, cure }) => (
        <p key={subject} class="vc-banner" role="status">
          {message}. {cure}
        </p>
      ))}
      {isBlind ? <NoAccess /> : <Columns store={store} state={state} host={host} />}
    </div>
  );
}

function Header({ store, state }: Shown) {
  const live = (state.calls ?? []).filter(({ endReason }) => endReason === undefined).length;
  return (
    <header class="vc-header">
      {state.selected !== null && (
        <button type="button" class="vc-quiet vc-back" onClick={() => store.select(null)}>
          ← All calls
        </button>
      )}
      <h1>Calls</h1>
      <span class="vc-live-count" role="status">
        {live === 0 ? 'No call is live' : `${live} live ${live === 1 ? 'call' : 'calls'}`}
      </span>
    </header>
  );
}

function NoAccess() {
  return (
    <div class="vc-empty">
      <h2>You may not see calls</h2>
      <p>
        This sign-in lacks the scope <code>operator.read</code>. Ask whoever runs the Gateway for it.
      </p>
    </div>
  );
}

function Columns({ store, state, host }: Shown & { readonly host: ConsoleHost }) {
  const [isPlacing, setPlacing] = useState(false);
  const [phone, view] = usePhone(store, host);
  const { connection, calls, hasOlder, selected, latency } = state;
  const list = useMemo(
    () => <CallList store={store} calls={calls} hasOlder={hasOlder} selected={selected} />,
    [store, calls, hasOlder, selected],
  );
  const times = useMemo(() => <Latency latency={latency} />, [latency]);
  const reason = readOnlyReason(connection);
  const ended = state.detail?.call.endReason;
  const main = useFocusKept<HTMLElement>([selected, ended]);
  // Where there is room for one of them only, it is the list that is left when no call is looked at.
  const side = useFocusKept<HTMLElement>([selected === null]);
  return (
    <div class="vc-columns">
      <section class="vc-side" aria-label="All calls" tabIndex={-1} ref={side}>
        <div class="vc-top">
          <PhonePanel phone={phone} view={view} state={state} />
          <PlaceCall store={store} state={state} isOpen={isPlacing} onToggle={setPlacing} />
        </div>
        {reason !== null && connection.isConnected && <p class="vc-note">{reason}</p>}
        {list}
        {times}
      </section>
      <section class="vc-main" aria-label="The call you look at" tabIndex={-1} ref={main}>
        {state.detail === null ? (
          <Nothing isReading={state.selected !== null} />
        ) : (
          <CallView store={store} state={state} detail={state.detail} />
        )}
      </section>
    </div>
  );
}

function Nothing({ isReading }: { readonly isReading: boolean }) {
  if (isReading) return <p class="vc-empty">Reading the call …</p>;
  return (
    <div class="vc-empty">
      <h2>No call selected</h2>
      <p>Choose a call to see what is said, how long each turn takes, and everything that happened.</p>
    </div>
  );
}
