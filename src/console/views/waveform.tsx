// Waveform: the sound of both directions as it flows: the caller above the line, we below, interruptions marked.
import { useEffect, useRef } from 'preact/hooks';
import { speakerName } from '../../lib/speaker.ts';
import type { Detail } from '../detail.ts';
import { draw } from '../waveform.ts';

export function Waveform({ detail }: { readonly detail: Detail }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { levels, marks } = detail;
  const isLive = detail.call.endReason === undefined;
  const hasSound = levels !== null;
  useEffect(() => {
    const element = canvas.current;
    if (!element || levels === null) return;
    const paint = (): void => draw(element, { levels, marks }, isLive);
    // At once, and whenever the width changes.
    const resized = new ResizeObserver(paint);
    resized.observe(element);
    return () => resized.disconnect();
  }, [levels, marks, isLive]);
  const who = speakerName(detail.call.direction, 'user');
  const cuts = marks.filter(({ mark }) => mark === 'cut').length;
  if (!hasSound) return isLive ? <Silent detail={detail} /> : null;
  return (
    <figure class="vc-wave">
      <canvas
        ref={canvas}
        role="img"
        data-peaks={levels?.caller.length ?? 0}
        data-cuts={cuts}
        aria-label={`Sound of both directions. They interrupted us ${cuts} ${cuts === 1 ? 'time' : 'times'}.`}
      />
      <figcaption>
        <span>
          <span class="vc-swatch vc-caller" /> <span class="vc-name">{who}</span>
        </span>
        <span>
          <span class="vc-swatch vc-agent" /> <span class="vc-name">agent</span>
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
