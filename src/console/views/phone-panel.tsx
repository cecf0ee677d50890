// PhonePanel: the test phone: call your agent with the microphone of this browser, or by typing.
import { useState } from 'preact/hooks';
import type { FloorState, SpeechInUse } from '../../handset/protocol.ts';
import type { Phone, PhoneView } from '../phone/phone.ts';
import type { State } from '../store.ts';
import { spaced } from '../wording.ts';
import { readOnlyReason } from './reason.ts';
import { TextLine } from './text-line.tsx';

interface Props {
  readonly phone: Phone;
  readonly view: PhoneView;
}

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'] as const;

export function PhonePanel({ phone, view, state }: Props & { readonly state: State }) {
  const reason = readOnlyReason(state.connection);
  if (view.state.kind === 'off') return <SwitchedOff phone={phone} view={view} reason={reason} />;
  return (
    <section class="vc-phone" aria-label="Test phone">
      <div class="vc-phone-head">
        <h2>Test phone</h2>
        <button type="button" class="vc-quiet" onClick={() => phone.close()}>
          Switch off
        </button>
      </div>
      <p class="vc-phone-state" role="status">
        <span class={`vc-dot ${isBusy(view) ? 'vc-live' : ''}`} aria-hidden="true" />
        {wordsOf(view)}
      </p>
      <Buttons phone={phone} view={view} />
      {view.state.kind === 'connected' && <Talk phone={phone} view={view} />}
      {view.note !== null && <p class="vc-note">{view.note}</p>}
      <SpeechNote view={view} />
    </section>
  );
}

function SwitchedOff({ phone, view, reason }: Props & { readonly reason: string | null }) {
  const why = view.state.kind === 'off' ? view.state.why : null;
  const open = (withSound: boolean): void => void phone.open(withSound);
  return (
    <section class="vc-phone vc-phone-off" aria-label="Test phone">
      <button type="button" class="vc-primary" disabled={reason !== null} onClick={() => open(true)}>
        Test phone
      </button>
      <button type="button" class="vc-quiet vc-or" disabled={reason !== null} onClick={() => open(false)}>
        or by typing
      </button>
      {why !== null && (
        <p class="vc-note" role="alert">
          {why}
        </p>
      )}
    </section>
  );
}

function Buttons({ phone, view }: Props) {
  const { state } = view;
  const hangUp = (label: string) => (
    <button type="button" class="vc-danger" onClick={() => phone.hangUp()}>
      {label}
    </button>
  );
  return (
    <div class="vc-phone-buttons">
      {state.kind === 'idle' && (
        <button type="button" class="vc-go" onClick={() => phone.call()}>
          Call the agent
        </button>
      )}
      {state.kind === 'ringing' && (
        <>
          <button type="button" class="vc-go" onClick={() => phone.answer()}>
            Answer
          </button>
          {hangUp('Decline')}
        </>
      )}
      {(state.kind === 'calling' || state.kind === 'connected') && hangUp('Hang up the phone')}
      {state.kind === 'connected' && view.microphone?.isOpen && (
        <button type="button" aria-pressed={view.isMuted} onClick={() => phone.mute(!view.isMuted)}>
          {view.isMuted ? 'Microphone off' : 'Mute'}
        </button>
      )}
    </div>
  );
}

function Talk({ phone, view }: Props) {
  const [hasKeys, setKeys] = useState(false);
  const { microphone } = view;
  return (
    <>
      <TextLine
        label="Type to the agent"
        placeholder={microphone?.isOpen ? 'Talk, or type …' : 'Type to the agent …'}
        button="Send"
        onSend={async (text) => phone.say(text)}
      />
      <button type="button" class="vc-quiet" aria-expanded={hasKeys} onClick={() => setKeys(!hasKeys)}>
        Keypad
      </button>
      {hasKeys && (
        <div class="vc-keys">
          {KEYS.map((key) => (
            <button key={key} type="button" aria-label={`Key ${key}`} onClick={() => phone.press(key)}>
              {key}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

function SpeechNote({ view }: { readonly view: PhoneView }) {
  const { speech, microphone } = view;
  if (!speech) return null;
  return (
    <p class="vc-note vc-speech">
      {microphone ? speechOf(speech) : 'Typed: nobody speaks and nobody listens on this phone.'}
      {microphone?.isOpen === false && ` ${microphone.why}`}
    </p>
  );
}

function speechOf({ voice, hearing, isOffline }: SpeechInUse): string {
  const where = isOffline ? 'on this machine, nothing leaves it' : 'by your speech providers';
  const speaks = voice === null ? 'Nobody speaks' : `${voice} speaks`;
  const listens = hearing === null ? 'nobody listens: type' : `${hearing} listens`;
  return `${speaks}, ${listens} (${where}).`;
}

function isBusy({ state }: PhoneView): boolean {
  return state.kind === 'connected' || state.kind === 'calling' || state.kind === 'ringing';
}

function wordsOf({ state, floor, number }: PhoneView): string {
  switch (state.kind) {
    case 'off':
      return 'Off';
    case 'opening':
      return 'Switching on …';
    case 'idle':
      return `Ready${number === null ? '' : ` on ${spaced(number)}`}`;
    case 'calling':
      return 'Calling the agent …';
    case 'ringing':
      return `It rings: ${spaced(state.from)}`;
    case 'connected':
      return floor === null ? 'Connected' : FLOORS[floor];
  }
}

const FLOORS: Readonly<Record<FloorState, string>> = {
  speaking: 'The agent speaks',
  listening: 'Your turn',
  thinking: 'The agent thinks',
  idle: 'Connected',
};
