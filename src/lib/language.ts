// Language: names of languages as BCP 47 writes them.

/** `de-de` -> `de-DE`; null when `tag` is not a language tag. */
export function canonicalLanguage(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

/** `de-CH` -> `de`: the language alone, in small letters. */
export function languageOnly(tag: string): string {
  return tag.toLowerCase().split('-', 1)[0] ?? '';
}
