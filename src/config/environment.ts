// Environment: the variables of this process, for those who are handed them.
import type { Env } from './parse.ts';

export function environment(): Env {
  return process.env;
}
