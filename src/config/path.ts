// Path: paths of our listener and of what leads to it: which can be written, and the one form we give them.
import { text } from './carrier-schema.ts';

export const urlPath = text.regex(/^[^\s?#]+$/, 'a path has no spaces, "?" or "#"');

/** One leading slash, none at the end: the same path, however it was written. */
export function normalPath(path: string): string {
  return `/${path.replace(/^\/+|\/+$/g, '')}`;
}
