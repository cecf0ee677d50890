// CallList: live calls, then the past ones, each in two lines.
import type { PublicCall } from '../../call/public-view.ts';
import type { State } from '../store.ts';
import { durationOf, partyOf, spaced, stateName, toneOf } from '../wording.ts';
import type { Shown } from './console.tsx';
import { useNow } from './use-now.ts';

type Props = Pick<Shown, 'store'> & Pick<State, 'calls' | 'hasOlder' | 'selected'>;

export function CallList({ store, calls, hasOlder, selected }: Props) {
  const live = (calls ?? []).filter(({ endReason }) => endReason === undefined);
  const past = (calls ?? []).filter(({ endReason }) => endReason !== undefined);
  const now = useNow(live.length > 0);
  const row = (call: PublicCall) => (
    <Row key={call.callId} call={call} now={now} isSelected={call.callId === selected} onPick={pick} />
  );
  const pick = (callId: string): void => store.select(callId);
  return (
    <nav class="vc-calls" aria-label="Calls">
      {live.length > 0 && (
        <>
          <h2 class="vc-caption">Live</h2>
          <ul>{live.map(row)}</ul>
        </>
      )}
      <h2 class="vc-caption">History</h2>
      {calls === null && <p class="vc-note">Reading the calls …</p>}
      {calls !== null && past.length === 0 && <p class="vc-note">No call has ended yet.</p>}
      <ul>{past.map(row)}</ul>
      {hasOlder && (
        <button type="button" class="vc-quiet vc-older" onClick={() => store.older()}>
          Older calls
        </button>
      )}
    </nav>
  );
}

interface RowProps {
  readonly call: PublicCall;
  readonly now: number;
  readonly isSelected: boolean;
  readonly onPick: (callId: string) => void;
}

function Row({ call, now, isSelected, onPick }: RowProps) {
  const isIn = call.direction === 'inbound';
  return (
    <li>
      <button
        type="button"
        class="vc-row"
        aria-current={isSelected ? 'true' : undefined}
        onClick={() => onPick(call.callId)}
      >
        <span class="vc-way" aria-hidden="true">
          {isIn ? '↙' : '↗'}
        </span>
        <span class="vc-row-who">
          <span class="vc-hidden">{isIn ? 'From ' : 'To '}</span>
          {spaced(partyOf(call))}
        </span>
        <span class="vc-row-time">{durationOf(call, now)}</span>
        <span class="vc-row-more">
          <span class={`vc-dot vc-${toneOf(call)}`} aria-hidden="true" />
          {stateName(call)}
        </span>
        <time class="vc-row-when" dateTime={new Date(call.startedAt).toISOString()}>
          {when(call.startedAt, now)}
        </time>
      </button>
    </li>
  );
}

/** The time; the day too when it was not today. */
function when(at: number, now: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString([], { day: 'numeric', month: 'short' })} ${time}`;
}
