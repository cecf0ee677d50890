// UseFocusKept: when what had the focus is gone, it goes on here, so that nobody at a keyboard begins at the top again.
import { useEffect, useRef } from 'preact/hooks';

/** For an element with `tabIndex={-1}`; looked at whenever one of `changes` changes, not at first. */
export function useFocusKept<Element extends HTMLElement>(changes: readonly unknown[]) {
  const element = useRef<Element>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    const { activeElement: active } = document;
    const isLost = !active || active === document.body || active.getClientRects().length === 0;
    if (isLost && !isFirst.current) element.current?.focus();
    isFirst.current = false;
  }, changes);
  return element;
}
