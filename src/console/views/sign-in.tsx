// SignIn: what the page of its own shows until the Gateway let it in.
import type { SignIn } from '../gateway-host.ts';

interface Props {
  readonly signIn: SignIn;
  readonly onToken: (token: string) => void;
}

export function SignInForm({ signIn, onToken }: Props) {
  return (
    <div class="vc-empty vc-sign-in">
      <h1>Calls</h1>
      <Words signIn={signIn} />
      {signIn.kind === 'asked' && (
        <form
          class="vc-form"
          onSubmit={(event) => {
            event.preventDefault();
            const token = String(new FormData(event.currentTarget).get('token') ?? '').trim();
            if (token !== '') onToken(token);
          }}
        >
          <label>
            Gateway token or password
            <input name="token" type="password" autocomplete="current-password" required />
          </label>
          <button type="submit" class="vc-primary">
            Sign in
          </button>
        </form>
      )}
    </div>
  );
}

function Words({ signIn }: { readonly signIn: SignIn }) {
  switch (signIn.kind) {
    case 'connecting':
    case 'in':
      return <p role="status">Connecting to the Gateway …</p>;
    case 'away':
      return <p role="alert">{signIn.why}</p>;
    case 'asked':
      return (
        <p role={signIn.why === '' ? 'status' : 'alert'}>
          {signIn.why === '' ? 'Sign in with the token of your Gateway, as in its Control UI.' : signIn.why}
        </p>
      );
    case 'unpaired':
      return (
        <p role="status">
          This browser is not paired yet. On the Gateway's machine, run{' '}
          <code>openclaw devices approve {signIn.requestId ?? '<request>'}</code>; the page goes on by itself.
        </p>
      );
  }
}
