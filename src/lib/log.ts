// Log: static text plus fields. Never speech, secrets or full numbers in either; see mask.ts.

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
}

/** `text key=value key=value`: what we hand to a logger that only takes strings. */
export function logLine(text: string, fields: LogFields = {}): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined);
  return pairs.length === 0 ? text : `${text} ${pairs.map(([key, value]) => `${key}=${value}`).join(' ')}`;
}
