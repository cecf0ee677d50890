// Xml: builds documents out of elements, so that no text ever reaches the wire unescaped.

/** A piece of finished markup. Only this file makes one; a plain string is always text. */
export interface Xml {
  readonly markup: string;
}

export type XmlAttributes = Readonly<Record<string, string | number | null | undefined>>;

/** What XML 1.0 cannot contain in any spelling: most control characters, half surrogates, two non-characters. */
const ILLEGAL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the very characters to find
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** An element; null attributes are left out, strings among the children are text. Names are ours, never input. */
export function element(
  name: string,
  attributes: XmlAttributes,
  children: readonly (Xml | string)[] = [],
): Xml {
  const open = `${name}${Object.entries(attributes).map(attribute).join('')}`;
  const inner = children
    .map((child) => (typeof child === 'string' ? escapeText(child) : child.markup))
    .join('');
  return { markup: inner === '' ? `<${open}/>` : `<${open}>${inner}</${name}>` };
}

/** The whole document around its root element. */
export function xmlDocument(root: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${root.markup}`;
}

/** `text` without the characters no XML document can carry. */
export function legalText(text: string): string {
  return text.replace(ILLEGAL, '');
}

function attribute([name, value]: [string, XmlAttributes[string]]): string {
  return value === null || value === undefined ? '' : ` ${name}="${escapeAttribute(String(value))}"`;
}

/** A parser reads a bare carriage return as a line feed, and any bare white space in an attribute as a space. */
const REFERENCES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

function escapeText(text: string): string {
  return legalText(text).replace(/[&<>\r]/g, refer);
}

function escapeAttribute(text: string): string {
  return legalText(text).replace(/[&<"\t\n\r]/g, refer);
}

function refer(letter: string): string {
  return REFERENCES[letter] ?? letter;
}
