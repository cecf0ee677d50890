// twiml: parses a TwiML document strictly into verbs, and lists what Twilio would warn about.
import { SaxesParser } from 'saxes';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Own and nested text, white space collapsed. */
  readonly text: string;
}

export type Document =
  | { readonly ok: true; readonly verbs: readonly Element[]; readonly faults: readonly string[] }
  | { readonly ok: false; readonly why: string };

interface Rule {
  readonly attributes: Readonly<Record<string, RegExp>>;
  /** Names of permitted child elements. */
  readonly children?: readonly string[];
  readonly text?: 'required' | 'allowed';
}

const ANY = /^/;
const COUNT = /^\d+$/;
const METHOD = /^(GET|POST)$/;
const BOOLEAN = /^(true|false)$/;
const SSML = 'break emphasis lang p phoneme prosody s say-as sub w amazon:effect amazon:domain'.split(' ');

const RULES: Readonly<Record<string, Rule>> = {
  Say: { attributes: { voice: ANY, language: ANY, loop: COUNT }, children: SSML, text: 'required' },
  Play: { attributes: { digits: /^[0-9A-Da-d#*wW]+$/, loop: COUNT }, text: 'allowed' },
  Pause: { attributes: { length: COUNT } },
  Gather: {
    attributes: {
      input: /^(dtmf|speech|dtmf speech|speech dtmf)$/,
      action: ANY,
      method: METHOD,
      timeout: COUNT,
      speechTimeout: /^(\d+|auto)$/,
      maxSpeechTime: COUNT,
      finishOnKey: /^[0-9#*]?$/,
      numDigits: /^[1-9]\d*$/,
      hints: ANY,
      language: ANY,
      speechModel: ANY,
      profanityFilter: BOOLEAN,
      enhanced: BOOLEAN,
      actionOnEmptyResult: BOOLEAN,
      bargeIn: BOOLEAN,
      debug: BOOLEAN,
      partialResultCallback: ANY,
      partialResultCallbackMethod: METHOD,
    },
    children: ['Say', 'Play', 'Pause'],
  },
  Redirect: { attributes: { method: METHOD }, text: 'allowed' },
  Hangup: { attributes: {} },
  Reject: { attributes: { reason: /^(rejected|busy)$/ } },
  Connect: { attributes: { action: ANY, method: METHOD }, children: ['Stream'] },
  Stream: {
    attributes: {
      url: ANY,
      name: ANY,
      // A stream that talks back hears the caller only.
      track: /^inbound_track$/,
      statusCallback: ANY,
      statusCallbackMethod: METHOD,
    },
    children: ['Parameter'],
  },
  Parameter: { attributes: { name: ANY, value: ANY } },
};
/** These stand in verbs only. */
const NO_VERBS = ['Stream', 'Parameter'];

/** Verbs Twilio knows and this twin does not act out; their content is not checked. */
export const UNSIMULATED_VERBS =
  'Start Stop Dial Record Enqueue Leave Queue Pay Prompt Refer Sms Echo Siprec'.split(' ');

const MOST_HINTS = 500;
const MOST_SAY = 4096;
/** A parameter's name and value together have fewer characters than this. */
const MOST_PARAMETER = 500;

export function parseTwiml(xml: string): Document {
  const tree = parseXml(xml);
  if (typeof tree === 'string') return { ok: false, why: tree };
  if (tree.name !== 'Response') return { ok: false, why: `the root is <${tree.name}>, not <Response>` };
  const faults = Object.keys(tree.attributes).map((name) => `<Response> has no attribute ${name}`);
  const verbs = tree.children.flatMap((child) => {
    if (!NO_VERBS.includes(child.name)) return checked(child, faults);
    faults.push(`<${child.name}> is not a verb`);
    return [];
  });
  return { ok: true, verbs, faults };
}

/** The element with what is not permitted taken away, each time with a fault; nothing when its name is unknown. */
function checked(element: Element, faults: string[]): readonly Element[] {
  if (UNSIMULATED_VERBS.includes(element.name)) return [element];
  const rule = Object.hasOwn(RULES, element.name) ? RULES[element.name] : undefined;
  if (!rule) {
    faults.push(`<${element.name}> is not a verb`);
    return [];
  }
  checkText(element, rule, faults);
  const attributes = Object.entries(element.attributes).filter(([name, value]) =>
    attributeIsSound({ element, rule, faults }, name, value),
  );
  const result = {
    ...element,
    attributes: Object.fromEntries(attributes),
    children: children(element, rule, faults),
  };
  checkTogether(result, faults);
  return [result];
}

function attributeIsSound(
  about: { readonly element: Element; readonly rule: Rule; readonly faults: string[] },
  name: string,
  value: string,
): boolean {
  const pattern = Object.hasOwn(about.rule.attributes, name) ? about.rule.attributes[name] : undefined;
  if (pattern?.test(value)) return true;
  const fault = pattern ? `${name}="${value}" is not allowed` : `has no attribute ${name}`;
  about.faults.push(`<${about.element.name}> ${fault}`);
  return false;
}

function children(element: Element, rule: Rule, faults: string[]): readonly Element[] {
  const allowed = element.children.filter((child) => {
    const fits = rule.children?.includes(child.name) ?? false;
    if (!fits) faults.push(`<${child.name}> must not stand in <${element.name}>`);
    return fits;
  });
  return element.name === 'Say' ? allowed : allowed.flatMap((child) => checked(child, faults));
}

function checkText(element: Element, rule: Rule, faults: string[]): void {
  if (rule.text === undefined && ownText(element) !== '') faults.push(`<${element.name}> must not hold text`);
  if (rule.text === 'required' && element.text === '') faults.push(`<${element.name}> is empty`);
  if (element.name === 'Say' && element.text.length > MOST_SAY)
    faults.push('<Say> is longer than 4096 characters');
}

/** Text that no child holds. */
function ownText(element: Element): string {
  return element.children.reduce((text, child) => text.replace(child.text, ''), element.text).trim();
}

/** Rules over several attributes. */
function checkTogether({ name, attributes, children, text }: Element, faults: string[]): void {
  if (name === 'Gather') checkGather(attributes, faults);
  if (name === 'Play' && (attributes['digits'] === undefined) === (text === '')) {
    faults.push('<Play> needs either digits or a URL');
  }
  if (name === 'Connect' && children.length !== 1) faults.push('<Connect> needs one <Stream>');
  if (name === 'Stream' && !attributes['url']) faults.push('<Stream> needs a url');
  if (name === 'Parameter') checkParameter(attributes, faults);
}

function checkGather(attributes: Element['attributes'], faults: string[]): void {
  if (attributes['speechTimeout'] === 'auto' && attributes['speechModel'] !== undefined) {
    faults.push('<Gather> speechTimeout="auto" must not be combined with speechModel');
  }
  if ((attributes['hints'] ?? '').split(',').length > MOST_HINTS) {
    faults.push(`<Gather> takes at most ${MOST_HINTS} hints`);
  }
}

function checkParameter({ name = '', value = '' }: Element['attributes'], faults: string[]): void {
  if (name !== '' && name.length + value.length < MOST_PARAMETER) return;
  faults.push('<Parameter> needs a name, and fewer than 500 characters in all');
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Element[];
  text: string;
}

/** The root element, or why there is none. */
function parseXml(xml: string): Element | string {
  const parser = new SaxesParser();
  const stack: Open[] = [];
  let root: Element | undefined;
  let why: string | undefined;
  parser.on('error', (error) => {
    why ??= error.message;
  });
  parser.on('doctype', () => {
    why ??= 'a document type is not allowed';
  });
  parser.on('opentag', ({ name, attributes }) => stack.push({ name, attributes, children: [], text: '' }));
  const addText = (text: string): void => {
    const top = stack.at(-1);
    if (top) top.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const open = stack.pop();
    if (!open) return;
    addText(open.text);
    const element = { ...open, text: open.text.replaceAll(/\s+/g, ' ').trim() };
    const parent = stack.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  parser.write(xml).close();
  return why ?? root ?? 'the document is empty';
}
