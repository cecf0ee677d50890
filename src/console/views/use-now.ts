// UseNow: the time, anew every second while something on the page depends on it.
import { useEffect, useState } from 'preact/hooks';
import { browserClock } from '../../lib/browser-clock.ts';

export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(browserClock.now());
  useEffect(() => {
    if (!isTicking) return;
    let cancel = (): void => undefined;
    const tick = (): void => {
      setNow(browserClock.now());
      cancel = browserClock.at(browserClock.now() + 1_000, tick);
    };
    tick();
    return () => cancel();
  }, [isTicking]);
  return now;
}
