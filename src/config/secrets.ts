// Secrets: which SecretRefs of providers the host could not resolve.
import { UNRESOLVED } from './credentials.ts';
import { secretKeys } from './keys.ts';
import { isOptions } from './merge.ts';
import { CONFIG_PATH, type Config } from './schema.ts';

/** A sentence for each; those of the carrier in use are problems, and told as such. */
export function unresolvedSecrets(config: Config): readonly string[] {
  return secretKeys()
    .filter((key) => key.includes('*'))
    .flatMap((key) => refsAt(config, key.split('.'), []))
    .map((key) => `${CONFIG_PATH}.${key} is not known: ${UNRESOLVED}`);
}

function refsAt(
  value: unknown,
  [step, ...rest]: readonly string[],
  at: readonly string[],
): readonly string[] {
  if (!isOptions(value)) return [];
  if (step === undefined) return [at.join('.')];
  return (step === '*' ? Object.keys(value) : [step]).flatMap((key) =>
    refsAt(value[key], rest, [...at, key]),
  );
}
