// Mask: a phone number as it may appear in a log: its first two and last two characters, the rest hidden.

/** `+15550001234` -> `+1********34`. Anything of six characters or fewer is hidden entirely. */
export function maskNumber(number: string | null | undefined): string {
  if (!number) return 'unknown';
  if (number.length <= 6) return '*'.repeat(number.length);
  return `${number.slice(0, 2)}${'*'.repeat(number.length - 4)}${number.slice(-2)}`;
}

/** Hides every run of six or more digits inside free text, for error texts that come from outside. */
export function maskDigits(text: string): string {
  return text.replace(/\+?\d{6,}/g, maskNumber);
}
