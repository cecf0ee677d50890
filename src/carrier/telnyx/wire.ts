// Wire: what all JSON from Telnyx has in common.
import { asFields, type Fields, objectOf } from '../json.ts';

/** The `data` of an answer or an event: everything Telnyx says stands in it. */
export function dataOf(text: string): Fields {
  return asFields(objectOf(text)['data']);
}
