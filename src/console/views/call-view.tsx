// CallView: one call: who, how long, what can be done; its sound, its words, its times, its events.
import { useMemo } from 'preact/hooks';
import type { PublicCall } from '../../call/public-view.ts';
import type { Detail } from '../detail.ts';
import { durationOf, partyOf, spaced, stateName, toneOf } from '../wording.ts';
import { Actions } from './actions.tsx';
import type { Shown } from './console.tsx';
import { Events } from './events.tsx';
import { Transcript } from './transcript.tsx';
import { useNow } from './use-now.ts';
import { Waterfall } from './waterfall.tsx';
import { Waveform } from './waveform.tsx';

export interface Looked extends Shown {
  readonly detail: Detail;
}

export function CallView({ store, state, detail }: Looked) {
  const { call, words, events } = detail;
  const { startedAt, metadata } = call;
  const isLive = call.endReason === undefined;
  // Sound comes six times a second: what it does not change is not drawn anew, the test phone needs the time.
  const said = useMemo(() => <Transcript call={call} words={words} events={events} />, [call, words, events]);
  const happened = useMemo(() => <Events events={events} startedAt={startedAt} />, [events, startedAt]);
  const times = useMemo(() => <Waterfall turns={metadata.turns} />, [metadata.turns]);
  return (
    <article class="vc-call" aria-labelledby="vc-call-title">
      <Head call={call} />
      {isLive && <Actions store={store} state={state} call={call} />}
      <Waveform detail={detail} />
      <div class="vc-panes">
        {said}
        <div class="vc-pane-stack">
          {times}
          {happened}
        </div>
      </div>
    </article>
  );
}

function Head({ call }: { readonly call: PublicCall }) {
  const now = useNow(call.endReason === undefined);
  const { direction, provider, agentId, metadata } = call;
  const facts = [
    direction === 'inbound' ? `to ${spaced(call.to)}` : `from ${spaced(call.from)}`,
    provider,
    metadata.mode,
    `agent ${agentId}`,
  ];
  return (
    <div class="vc-head">
      <div>
        <h2 id="vc-call-title">
          <span class="vc-way" aria-hidden="true">
            {direction === 'inbound' ? '↙' : '↗'}
          </span>
          <span class="vc-hidden">{direction === 'inbound' ? 'From ' : 'To '}</span>
          {spaced(partyOf(call))}
        </h2>
        <p class="vc-facts">{facts.join(' · ')}</p>
      </div>
      <p class="vc-state">
        <span class={`vc-chip vc-${toneOf(call)}`} role="status">
          {stateName(call)}
        </span>
        <span class="vc-clock">{durationOf(call, now)}</span>
      </p>
      {call.endReason !== undefined && metadata.cause && <p class="vc-cause">{metadata.cause}</p>}
    </div>
  );
}
