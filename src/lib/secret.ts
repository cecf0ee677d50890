// Secret: comparing what somebody sent with what only we and they can know.
import { timingSafeEqual } from 'node:crypto';

/** Takes the same time wherever they differ. The length is no secret. */
export function isSameSecret(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
