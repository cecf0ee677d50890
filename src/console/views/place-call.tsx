// PlaceCall: the form that calls somebody.
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Shown } from './console.tsx';
import { readOnlyReason } from './reason.ts';

interface Props extends Shown {
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}

export function PlaceCall({ store, state, isOpen, onToggle }: Props) {
  const id = useId();
  const reason = readOnlyReason(state.connection);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (isOpen) first.current?.focus();
  }, [isOpen]);
  return (
    <div class={`vc-place ${isOpen ? 'vc-wide' : ''}`}>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={id}
        disabled={reason !== null}
        title={reason ?? undefined}
        onClick={() => onToggle(!isOpen)}
      >
        Place a call
      </button>
      {isOpen && reason === null && (
        <Form id={id} store={store} state={state} onDone={() => onToggle(false)} first={first} />
      )}
    </div>
  );
}

interface FormProps extends Shown {
  readonly id: string;
  readonly onDone: () => void;
  readonly first: { readonly current: HTMLInputElement | null };
}

function Form({ id, store, onDone, first }: FormProps) {
  const [isBusy, setBusy] = useState(false);
  const place = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const { to, message, mode } = valuesOf(event.currentTarget as HTMLFormElement);
    setBusy(true);
    const placed = await store.act<{ callId: string }>('voicecall.start', {
      to: (to ?? '').replace(/[\s()-]/g, ''),
      mode,
      ...(message !== '' && { message }),
    });
    setBusy(false);
    if (!placed) return;
    onDone();
    store.select(placed.callId);
  };
  return (
    <form
      id={id}
      class="vc-form"
      onSubmit={(event) => void place(event)}
      onKeyDown={(event) => event.key === 'Escape' && onDone()}
    >
      <label>
        Number
        <input ref={first} name="to" type="tel" required placeholder="+1 555 000 1234" autocomplete="off" />
      </label>
      <label>
        What is said first
        <textarea name="message" rows={2} placeholder="Hello, I am calling about …" />
      </label>
      <label>
        Then
        <select name="mode">
          <option value="conversation">talk: the agent answers</option>
          <option value="notify">hang up: only this message</option>
        </select>
      </label>
      <button type="submit" class="vc-primary" disabled={isBusy}>
        {isBusy ? 'Dialing …' : 'Call'}
      </button>
    </form>
  );
}

function valuesOf(form: HTMLFormElement): Readonly<Record<string, string>> {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
}
