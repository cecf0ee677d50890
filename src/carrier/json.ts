// Json: what carriers write in JSON, read without trusting any of it.

export type Fields = Readonly<Record<string, unknown>>;

/** The object in `text`; an empty one when it is something else, such as a proxy's page. */
export function objectOf(text: string): Fields {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return {};
  }
}

export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
