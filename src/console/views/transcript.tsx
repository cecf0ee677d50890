// Transcript: what was said, as it is spoken: what the other side did not hear is struck through.
import { useEffect, useRef } from 'preact/hooks';
import { speakerName } from '../../lib/speaker.ts';
import type { Detail } from '../detail.ts';
import { type Line, linesOf } from '../transcript-lines.ts';

/** Closer to the end than this, one reads what is being said. */
const NEAR_END_PX = 60;

type Props = Pick<Detail, 'call' | 'words' | 'events'>;

export function Transcript({ call, words, events }: Props) {
  const lines = linesOf(call.transcript, events);
  const end = useRef<HTMLDivElement>(null);
  const isLive = call.endReason === undefined;
  const isReadingBack = useRef(false);
  useEffect(() => {
    const box = end.current;
    if (isLive && box && !isReadingBack.current) box.scrollTop = box.scrollHeight;
  });
  const scrolled = ({ currentTarget: box }: { readonly currentTarget: HTMLElement }): void => {
    isReadingBack.current = box.scrollHeight - box.scrollTop - box.clientHeight > NEAR_END_PX;
  };
  return (
    <section class="vc-pane" aria-labelledby="vc-said">
      <h3 id="vc-said">Transcript</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <div class="vc-scroll" role="log" aria-label="Transcript" tabIndex={0} ref={end} onScroll={scrolled}>
        {lines.length === 0 && words.user === '' && <p class="vc-note">Nothing was said yet.</p>}
        {lines.map((line) => (
          <Said key={line.key} line={line} who={speakerName(call.direction, line.speaker)} />
        ))}
        {words.user !== '' && (
          <Unfinished speaker="user" who={speakerName(call.direction, 'user')} text={words.user} />
        )}
        {words.bot !== '' && <Unfinished speaker="bot" who="agent" text={words.bot} />}
      </div>
    </section>
  );
}

function Said({ line, who }: { readonly line: Line; readonly who: string }) {
  const { speaker, at, heard, cut, note } = line;
  return (
    <p class={`vc-said vc-${speaker} ${line.isFinal ? '' : 'vc-unfinished'}`}>
      <span class="vc-who">{who}</span>
      <span class="vc-words">
        {heard}
        {cut !== '' && (
          <>
            {heard !== '' && ' '}
            <del>
              <span class="vc-hidden">not heard: </span>
              {cut}
            </del>
          </>
        )}
        {note !== '' && <span class="vc-tag">{note}</span>}
      </span>
      <time dateTime={new Date(at).toISOString()}>{clockTime(at)}</time>
    </p>
  );
}

interface UnfinishedProps {
  readonly speaker: 'user' | 'bot';
  readonly who: string;
  readonly text: string;
}

/** Changes with every word: a screen reader hears the final line only. */
function Unfinished({ speaker, who, text }: UnfinishedProps) {
  return (
    <p class={`vc-said vc-${speaker} vc-unfinished`} aria-hidden="true">
      <span class="vc-who">{who}</span>
      <span class="vc-words">{text} …</span>
    </p>
  );
}

function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}
