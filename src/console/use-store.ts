// UseStore: lets a view see the store, and be drawn anew when it changes, at most once per frame.
import { useEffect, useState } from 'preact/hooks';
import type { State, Store } from './store.ts';

export function useStore(store: Store): State {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      setState(store.state);
    };
    const stop = store.subscribe(() => {
      if (frame === 0) frame = requestAnimationFrame(draw);
    });
    draw();
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [store]);
  return state;
}
