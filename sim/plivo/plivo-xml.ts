// plivoXml: parses a Plivo XML document strictly into elements, and lists what Plivo documents otherwise.
import { SaxesParser } from 'saxes';

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Own and nested text, white space collapsed. */
  readonly text: string;
}

export type Document =
  | { readonly ok: true; readonly elements: readonly Element[]; readonly faults: readonly string[] }
  | { readonly ok: false; readonly why: string };

interface Rule {
  readonly attributes: Readonly<Record<string, (value: string) => boolean>>;
  /** Names of permitted child elements. */
  readonly children?: readonly string[];
  readonly text?: 'required';
}

const matches =
  (pattern: RegExp) =>
  (value: string): boolean =>
    pattern.test(value);
const between =
  (least: number, most: number, word = '') =>
  (value: string): boolean =>
    (word !== '' && value === word) ||
    (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most);

const ANY = matches(/^/);
const COUNT = matches(/^\d+$/);
const METHOD = matches(/^(GET|POST)$/);
const BOOLEAN = matches(/^(true|false)$/);
const URL_LIKE = matches(/^https?:\/\/./);
const OWN_LANGUAGES =
  'da-DK nl-NL en-AU en-GB en-US fr-FR fr-CA de-DE it-IT pl-PL pt-PT pt-BR ru-RU es-ES es-US sv-SE'.split(
    ' ',
  );
const SSML = 'break emphasis lang p phoneme prosody s say-as sub w'.split(' ');

const RULES: Readonly<Record<string, Rule>> = {
  Speak: {
    attributes: { voice: matches(/^(MAN|WOMAN|Polly\.[A-Za-z-]+)$/), language: ANY, loop: COUNT },
    children: SSML,
    text: 'required',
  },
  Play: { attributes: { loop: COUNT }, text: 'required' },
  Wait: { attributes: { length: between(1, 86_400), silence: BOOLEAN, minSilence: COUNT, beep: ANY } },
  GetInput: {
    attributes: {
      action: URL_LIKE,
      method: METHOD,
      inputType: matches(/^(dtmf|speech|dtmf speech|speech dtmf)$/),
      executionTimeout: between(5, 60),
      digitEndTimeout: between(2, 10, 'auto'),
      speechEndTimeout: between(2, 10, 'auto'),
      finishOnKey: matches(/^([0-9#*]?|none)$/),
      numDigits: between(1, 32),
      speechModel: matches(/^(default|command_and_search|phone_call)$/),
      hints: ANY,
      language: matches(/^[a-z]{2,3}(-[A-Za-z]+)+$/),
      interimSpeechResultsCallback: URL_LIKE,
      interimSpeechResultsCallbackMethod: METHOD,
      log: BOOLEAN,
      redirect: BOOLEAN,
      profanityFilter: BOOLEAN,
    },
    children: ['Speak', 'Play'],
  },
  DTMF: { attributes: { async: BOOLEAN }, text: 'required' },
  Redirect: { attributes: { method: METHOD }, text: 'required' },
  Stream: {
    attributes: {
      bidirectional: BOOLEAN,
      audioTrack: matches(/^(inbound|outbound|both)$/),
      streamTimeout: COUNT,
      statusCallbackUrl: URL_LIKE,
      statusCallbackMethod: METHOD,
      contentType: matches(/^audio\/x-(mulaw;rate=8000|l16;rate=(8000|16000))$/),
      extraHeaders: matches(/^[^=,\s]+=[^=,\s]*(,[^=,\s]+=[^=,\s]*)*$/),
      keepCallAlive: BOOLEAN,
      noiseCancellation: BOOLEAN,
      noiseCancellationLevel: COUNT,
    },
    text: 'required',
  },
  Hangup: { attributes: { reason: matches(/^(rejected|busy)$/), schedule: COUNT } },
};

/** Elements Plivo knows and this twin does not act out; their content is not checked. */
export const UNSIMULATED = 'GetDigits Record Dial Message PreAnswer Conference MultiPartyCall'.split(' ');

const MOST_SPEAK = 3000;

export function parsePlivoXml(xml: string): Document {
  const tree = parseXml(xml);
  if (typeof tree === 'string') return { ok: false, why: tree };
  if (tree.name !== 'Response') return { ok: false, why: `the root is <${tree.name}>, not <Response>` };
  const faults = Object.keys(tree.attributes).map((name) => `<Response> has no attribute ${name}`);
  return { ok: true, elements: tree.children.flatMap((child) => checked(child, faults)), faults };
}

/** The element with what is not permitted taken away, each time with a fault; nothing when its name is unknown. */
function checked(element: Element, faults: string[]): readonly Element[] {
  if (UNSIMULATED.includes(element.name)) return [element];
  const rule = Object.hasOwn(RULES, element.name) ? RULES[element.name] : undefined;
  if (!rule) {
    faults.push(`<${element.name}> is no element of Plivo`);
    return [];
  }
  if (rule.text === 'required' && element.text === '') faults.push(`<${element.name}> is empty`);
  const attributes = Object.entries(element.attributes).filter(([name, value]) => {
    const sound = Object.hasOwn(rule.attributes, name) ? rule.attributes[name] : undefined;
    if (sound?.(value)) return true;
    const fault = sound ? `${name}="${value}" is not allowed` : `has no attribute ${name}`;
    faults.push(`<${element.name}> ${fault}`);
    return false;
  });
  const result = {
    ...element,
    attributes: Object.fromEntries(attributes),
    children: children(element, rule, faults),
  };
  checkTogether(result, faults);
  return [result];
}

function children(element: Element, rule: Rule, faults: string[]): readonly Element[] {
  const allowed = element.children.filter((child) => {
    const fits = rule.children?.includes(child.name) ?? false;
    if (!fits) faults.push(`<${child.name}> must not stand in <${element.name}>`);
    return fits;
  });
  return element.name === 'Speak' ? allowed : allowed.flatMap((child) => checked(child, faults));
}

/** Rules over an element as a whole. */
function checkTogether(element: Element, faults: string[]): void {
  const { name, attributes, text } = element;
  if (name === 'Speak') checkSpeak(element, faults);
  if (name === 'GetInput' && !attributes['action']) faults.push('<GetInput> needs an action');
  if (name === 'GetInput' && !attributes['inputType']) faults.push('<GetInput> needs an inputType');
  if (name === 'GetInput' && (attributes['hints'] ?? '').length > 10_000) {
    faults.push('<GetInput> takes at most 10000 characters of hints');
  }
  if (name === 'DTMF' && !/^[0-9*#wW]*$/.test(text)) faults.push(`<DTMF> cannot press "${text}"`);
  if (name === 'Redirect' && text !== '' && !/^https?:\/\/./.test(text)) {
    faults.push(`<Redirect> to "${text}" is no absolute address`);
  }
  if (name === 'Stream') checkStream(element, faults);
}

const MOST_STREAM_URL = 2048;
const MOST_EXTRA = 512;

function checkStream({ attributes, text }: Element, faults: string[]): void {
  const { audioTrack = 'inbound', bidirectional, contentType, extraHeaders = '' } = attributes;
  if (text.length > MOST_STREAM_URL) faults.push(`<Stream> is longer than ${MOST_STREAM_URL} characters`);
  if (extraHeaders.length > MOST_EXTRA) faults.push(`<Stream> extraHeaders exceed ${MOST_EXTRA} bytes`);
  if (bidirectional === 'true' && audioTrack !== 'inbound') {
    faults.push('<Stream> with bidirectional="true" hears the inbound track only');
  }
  // Plivo's pages disagree about the default, so a document that relies on it is a fault.
  if (contentType === undefined) faults.push('<Stream> needs a contentType');
}

function checkSpeak({ attributes, children: inner, text }: Element, faults: string[]): void {
  const { voice = 'WOMAN', language } = attributes;
  const isPolly = voice.startsWith('Polly.');
  if (text.length > MOST_SPEAK) faults.push(`<Speak> is longer than ${MOST_SPEAK} characters`);
  if (!isPolly && inner.length > 0) faults.push('<Speak> understands SSML with a Polly voice only');
  if (!isPolly && language !== undefined && !OWN_LANGUAGES.includes(language)) {
    faults.push(`<Speak> has no ${voice} for ${language}`);
  }
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
