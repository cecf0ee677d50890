// TextLine: a line to type into, and the button that sends it.
import { useState } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly placeholder: string;
  readonly button: string;
  readonly isNarrow?: boolean;
  /** Resolves to null when it could not be done: then the text stays. */
  readonly onSend: (text: string) => Promise<unknown>;
}

export function TextLine({ label, placeholder, button, isNarrow = false, onSend }: Props) {
  const [text, setText] = useState('');
  const [isBusy, setBusy] = useState(false);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (text.trim() === '') return;
    setBusy(true);
    if ((await onSend(text.trim())) !== null) setText('');
    setBusy(false);
  };
  return (
    <form class={`vc-line ${isNarrow ? 'vc-narrow' : ''}`} onSubmit={(event) => void send(event)}>
      <input
        aria-label={label}
        placeholder={placeholder}
        autocomplete="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" disabled={isBusy}>
        {button}
      </button>
    </form>
  );
}
