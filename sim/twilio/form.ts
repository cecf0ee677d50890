// form: decodes form bodies with repeated keys and reads their fields, or says which error Twilio would answer.
import type { Form, Parsed, Target } from './order.ts';

export function decodeForm(body: string): Form {
  const given = new URLSearchParams(body);
  return Object.fromEntries([...new Set(given.keys())].map((name) => [name, given.getAll(name)]));
}

/** Thrown inside `readForm` only; leaves it as a value. */
class RefusedField extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function readForm<T>(form: Form, read: (fields: Fields) => T): Parsed<T> {
  try {
    return { ok: true, value: read(new Fields(form)) };
  } catch (refused) {
    if (!(refused instanceof RefusedField)) throw refused;
    return { ok: false, status: 400, code: refused.code, message: refused.message };
  }
}

class Fields {
  readonly #form: Form;

  constructor(form: Form) {
    this.#form = form;
  }

  refuse(code: number, message: string): never {
    throw new RefusedField(code, message);
  }

  /** The field's last value; an empty one counts as absent, as Twilio treats it. */
  one(name: string): string | undefined {
    return this.#form[name]?.at(-1) || undefined;
  }

  number(name: string, codes: { readonly missing: number; readonly invalid: number }, rule: RegExp): string {
    const value = this.one(name);
    if (value === undefined) this.refuse(codes.missing, `No '${name}' number is specified`);
    const plain = value.replaceAll(/[\s().-]/g, '');
    if (!rule.test(plain))
      this.refuse(codes.invalid, `The '${name}' number ${value} is not a valid phone number.`);
    return plain;
  }

  integer(name: string, range: { readonly least: number; readonly most: number; readonly code: number }) {
    const value = this.one(name);
    if (value === undefined) return undefined;
    const count = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return count >= range.least && count <= range.most
      ? count
      : this.refuse(range.code, `Invalid ${name}: ${value}`);
  }

  pattern(name: string, rule: RegExp, code: number): string | undefined {
    const value = this.one(name);
    if (value !== undefined && !rule.test(value)) this.refuse(code, `Invalid ${name}: ${value}`);
    return value;
  }

  choice<C extends string>(name: string, choices: readonly C[], code: number): C | undefined {
    const value = this.one(name);
    if (value === undefined) return undefined;
    return choices.find((choice) => choice === value) ?? this.refuse(code, `Invalid ${name}: ${value}`);
  }

  choices<C extends string>(name: string, choices: readonly C[], code: number): readonly C[] {
    return (this.#form[name] ?? []).map(
      (value) => choices.find((choice) => choice === value) ?? this.refuse(code, `Invalid ${name}: ${value}`),
    );
  }

  target(urlName: string, methodName: string, code: number): Target | undefined {
    const method = this.choice(methodName, ['GET', 'POST'] as const, 21209) ?? 'POST';
    const url = this.one(urlName);
    if (url === undefined) return undefined;
    if (!isCallable(url)) this.refuse(code, `${urlName} is not a valid URL: ${url}`);
    return { url, method };
  }
}

/** Absolute http(s), and no underscore in the host name: such hosts are never called back. */
function isCallable(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && /^https?:$/.test(parsed.protocol) && !parsed.hostname.includes('_');
}
