// Supported: whether this Node has the database of the store; asked without loading it.
import { isBuiltin } from 'node:module';

export function hasDatabase(): boolean {
  return isBuiltin('node:sqlite');
}
