// Reason: why buttons are disabled; null when they are not.
import type { Connection } from '../host.ts';

export function readOnlyReason({ isConnected, canWrite }: Connection): string | null {
  if (!isConnected) return 'The Gateway is not connected.';
  return canWrite ? null : 'You may look, but not act: this sign-in lacks the scope operator.write.';
}
