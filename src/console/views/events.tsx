// Events: everything that happened on a call, with the time since it began.
import { useState } from 'preact/hooks';
import type { Happened } from '../detail.ts';
import { eventName, eventNote, isPlumbing } from '../wording.ts';

interface Props {
  readonly events: readonly Happened[];
  readonly startedAt: number;
}

export function Events({ events, startedAt }: Props) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? events : events.filter(({ event }) => !isPlumbing(event.kind));
  return (
    <section class="vc-pane" aria-labelledby="vc-events">
      <div class="vc-pane-head">
        <h3 id="vc-events">Events</h3>
        <label class="vc-check">
          <input type="checkbox" checked={isAll} onChange={(event) => setAll(event.currentTarget.checked)} />
          every step
        </label>
      </div>
      <section
        class="vc-scroll vc-events"
        aria-label="Steps of the call"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
        tabIndex={0}
      >
        {shown.length === 0 && <p class="vc-note">Nothing happened yet.</p>}
        <ol>
          {shown.map((one) => (
            <One key={one.key} one={one} startedAt={startedAt} />
          ))}
        </ol>
      </section>
    </section>
  );
}

function One({ one, startedAt }: { readonly one: Happened; readonly startedAt: number }) {
  return (
    <li>
      <span class="vc-offset">{((one.at - startedAt) / 1_000).toFixed(2)}</span>
      <span class="vc-event">{eventName(one.event.kind)}</span>
      <span class="vc-event-note">{eventNote(one)}</span>
    </li>
  );
}
