// Waveform: the sound of both directions as it flows: the caller above the line, we below, interruptions marked.
import { useEffect, useRef } from 'preact/hooks';
import type { Detail } from '../detail.ts';
import { draw } from '../waveform.ts';

export function Waveform({ detail }: { readonly detail: Detail }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(detail);
  latest.current = detail;
  const isLive = detail.call.endReason === undefined;
  const hasSound = detail.levels !== null;
  useEffect(() => {
    const element = canvas.current;
    if (!element || !hasSound) return;
    let frame = 0;
    const paint = (): void => {
      draw(element, latest.current, isLive);
      if (isLive) frame = requestAnimationFrame(paint);
    };
    paint();
    const resized = new ResizeObserver(() => draw(element, latest.current, isLive));
    resized.observe(element);
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
    };
  }, [isLive, hasSound]);
  const cuts = detail.marks.filter(({ mark }) => mark === 'cut').length;
  if (!hasSound) return isLive ? <Silent detail={detail} /> : null;
  return (
    <figure class="vc-wave">
      <canvas
        ref={canvas}
        role="img"
        data-peaks={detail.levels?.caller.length ?? 0}
        data-cuts={cuts}
        aria-label={`Sound of both directions. The caller interrupted us ${cuts} ${cuts === 1 ? 'time' : 'times'}.`}
      />
      <figcaption>
        <span>
          <span class="vc-swatch vc-caller" /> Caller
        </span>
        <span>
          <span class="vc-swatch vc-agent" /> Agent
        </span>
        <span>
          <span class="vc-swatch vc-cut" /> Interruption
        </span>
      </figcaption>
    </figure>
  );
}

function Silent({ detail }: { readonly detail: Detail }) {
  const { answeredAt } = detail.call;
  const isStreamed = detail.events.some(({ event }) => event.kind === 'streamOpened');
  const why = isStreamed
    ? 'Waiting for sound …'
    : 'No sound to see: on this call the carrier speaks and listens for us.';
  return <p class="vc-wave vc-wave-none">{answeredAt === undefined ? 'Nobody has picked up yet.' : why}</p>;
}
