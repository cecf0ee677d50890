// Admission: may this caller reach us? Fails closed: an unknown policy or a missing number is refused.

export type InboundPolicy = 'disabled' | 'allowlist' | 'pairing' | 'open';
export type Admission =
  | { readonly admitted: true }
  /** `mayPair`: they may be told a code instead of being refused; see pairing.ts. */
  | { readonly admitted: false; readonly cause: string; readonly mayPair: boolean };

/** `+`, a first digit 1-9, 1 to 14 more (ITU-T E.164). */
const E164 = /^\+[1-9][0-9]{1,14}$/;

export function isE164(number: string): boolean {
  return E164.test(number);
}

/** Decides on the number the carrier reports, exactly as it stands: no suffix, no look-alike digit matches. */
export function admit(
  caller: string | null,
  policy: {
    readonly inboundPolicy: InboundPolicy;
    readonly allowFrom: readonly string[];
    /** Whatever the policy is: somebody else has let them in. */
    readonly alsoAdmitted?: readonly string[];
  },
): Admission {
  if (caller !== null && policy.alsoAdmitted?.includes(caller)) return { admitted: true };
  if (policy.inboundPolicy === 'open') return { admitted: true };
  const pairs = policy.inboundPolicy === 'pairing';
  if (policy.inboundPolicy !== 'allowlist' && !pairs) return refused('inbound calls are disabled');
  if (caller === null || !isE164(caller)) return refused('the caller hides their number');
  if (policy.allowFrom.includes(caller)) return { admitted: true };
  return pairs ? refused('not paired', true) : refused('not on the allowlist');
}

/** How a refusal stands on record. */
export function refused(why: string, mayPair = false): Admission & { readonly admitted: false } {
  return { admitted: false, cause: `refused: ${why}`, mayPair };
}
