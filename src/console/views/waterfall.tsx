// Waterfall: where the time of each turn went, from the caller's last sound to our first.
import type { PublicTurn } from '../../call/public-view.ts';
import { axisEnd, type Fall, fallsOf, STAGES } from '../waterfall.ts';
import { duration } from '../wording.ts';

export function Waterfall({ turns }: { readonly turns: readonly PublicTurn[] }) {
  const falls = fallsOf(turns);
  const end = axisEnd(Math.max(0, ...falls.map(({ totalMs }) => totalMs)));
  const used = STAGES.filter(({ id }) => falls.some(({ bars }) => bars.some((bar) => bar.id === id)));
  return (
    <section class="vc-pane vc-waterfall" aria-labelledby="vc-times">
      <div class="vc-pane-head">
        <h3 id="vc-times">Turns</h3>
        <span class="vc-note">from the caller's last sound to our first</span>
      </div>
      {falls.length === 0 ? (
        <p class="vc-note">No turn was answered yet.</p>
      ) : (
        <>
          <ul class="vc-legend" aria-hidden="true">
            {used.map(({ id, label }) => (
              <li key={id}>
                <span class={`vc-swatch vc-stage-${id}`} />
                {label}
              </li>
            ))}
          </ul>
          <table class="vc-falls">
            <caption class="vc-hidden">Milliseconds of each stage, by turn</caption>
            <colgroup>
              <col class="vc-col-turn" />
              <col />
              <col class="vc-col-total" />
            </colgroup>
            <thead>
              <tr>
                <th scope="col">
                  <span class="vc-hidden">Turn</span>
                </th>
                <th scope="col">
                  <span class="vc-hidden">Stages</span>
                </th>
                <th scope="col">
                  <span class="vc-hidden">Whole</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {falls.map((fall) => (
                <Row key={fall.turn} fall={fall} end={end} />
              ))}
            </tbody>
            <tfoot aria-hidden="true">
              <tr>
                <td />
                <td class="vc-axis">
                  <span>0</span>
                  <span>{duration(end / 2)}</span>
                  <span>{duration(end)}</span>
                </td>
                <td />
              </tr>
            </tfoot>
          </table>
        </>
      )}
    </section>
  );
}

function Row({ fall, end }: { readonly fall: Fall; readonly end: number }) {
  return (
    <tr>
      <th scope="row">{fall.turn}</th>
      <td>
        <div class="vc-bars">
          {fall.bars.map(({ id, label, fromMs, ms }) => (
            <span
              key={id}
              class={`vc-bar vc-stage-${id}`}
              style={{ left: share(fromMs, end), width: share(ms, end) }}
              title={`${label}: ${duration(ms)}`}
              data-stage={id}
              data-ms={ms.toFixed(1)}
            >
              <span class="vc-hidden">
                {label} {duration(ms)}.{' '}
              </span>
            </span>
          ))}
        </div>
      </td>
      <td class="vc-total">
        {duration(fall.totalMs)}
        {fall.wasInterrupted && (
          <span class="vc-mark-cut" title="They interrupted the answer">
            <span aria-hidden="true">✂</span>
            <span class="vc-hidden">interrupted</span>
          </span>
        )}
      </td>
    </tr>
  );
}

function share(ms: number, end: number): string {
  return `${(100 * ms) / end}%`;
}
