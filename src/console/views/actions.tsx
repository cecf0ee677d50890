// Actions: what can be done on a live call: say something, press keys, hang up.
import type { PublicCall } from '../../call/public-view.ts';
import type { Shown } from './console.tsx';
import { readOnlyReason } from './reason.ts';
import { TextLine } from './text-line.tsx';

interface Props extends Shown {
  readonly call: PublicCall;
}

export function Actions({ store, state, call }: Props) {
  const { callId } = call;
  const reason = readOnlyReason(state.connection);
  const act = (method: string, params: object) => store.act(method, { callId, ...params });
  return (
    <fieldset
      class="vc-actions"
      disabled={reason !== null}
      aria-describedby={reason ? 'vc-reason' : undefined}
    >
      <legend class="vc-hidden">Act on this call</legend>
      <TextLine
        label="Say on this call"
        placeholder="Say something …"
        button="Say"
        onSend={(message) => act('voicecall.speak', { message })}
      />
      <TextLine
        label="Keys to press"
        placeholder="Keys, e.g. 1w2#"
        button="Press"
        isNarrow
        onSend={(digits) => act('voicecall.dtmf', { digits })}
      />
      <button type="button" class="vc-danger" onClick={() => void act('voicecall.end', {})}>
        Hang up
      </button>
      {reason !== null && (
        <p id="vc-reason" class="vc-note">
          {reason}
        </p>
      )}
    </fieldset>
  );
}
