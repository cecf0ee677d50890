// Dtmf: telephone keys as people write them, checked and made canonical.

/** What people may write: keys, `w` and `W` for half and whole seconds, `,` and `p` for a second of pause. */
const ALLOWED = /^[0-9A-Da-d*#wWpP,]+$/;
/** Longer sequences are refused: the shortest limit of any carrier we speak to is far above a PIN. */
export const MAX_DIGITS = 128;

export type Dtmf =
  | { readonly ok: true; readonly digits: string }
  | { readonly ok: false; readonly why: string };

/** `1,2#` -> `1ww2#`: only keys and `w` (half a second) remain, so that every carrier pauses alike. */
export function parseDtmf(written: string): Dtmf {
  if (!ALLOWED.test(written)) return refuse('digits may only contain digits, *, #, comma, w, p');
  const digits = written.replace(/[,pPW]/g, 'ww').replace(/[a-d]/g, (key) => key.toUpperCase());
  return digits.length > MAX_DIGITS
    ? refuse(`at most ${MAX_DIGITS} digits and pauses`)
    : { ok: true, digits };
}

/** Keys a caller pressed, as the agent and the transcript are told of them. */
export function pressed(digits: string): string {
  return `(pressed on the keypad: ${digits})`;
}

function refuse(why: string): Dtmf {
  return { ok: false, why };
}
