// XmlDocuments: the Plivo XML that makes a line follow an instruction. Equal calls give equal bytes.
import type { Call, Utterance } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { OurAddress, StreamUrl } from '../carrier.ts';
import { inPieces } from '../pieces.ts';
import { streamAddress } from '../stream-address.ts';
import { element, legalText, type Xml, xmlDocument } from '../xml.ts';
import { flowUrl, nextPlace, type Place } from './flow.ts';
import { hearingFor, speakerFor } from './voices.ts';

/** A `<Speak>` holds 3000 characters, counted in which way is not said; this fits however they are. */
const SPEAK_LIMIT = 1_000;
/** How long Plivo listens before it goes on to the redirect behind the `<GetInput>`; its own default, 5 to 60. */
const LISTEN_S = 15;
/** The shortest pause after a key that Plivo allows. */
const KEY_PAUSE_S = 2;

/** An empty document hangs up a line that asks for one, and is as good as any answer to one that does not. */
export const EMPTY = xmlDocument(element('Response', {}));

/** A line that runs out of elements is hung up: every document but a farewell ends by sending Plivo back to us. */
export function documentFor(
  call: Call,
  instruction: Instruction,
  { webhookUrl, streamUrl }: OurAddress,
): string {
  const to = (place: Place): string => flowUrl(webhookUrl, call, place);
  const all =
    instruction.kind === 'stream'
      ? stream(call, instruction, streamUrl, to)
      : elements(call, instruction, to);
  return xmlDocument(element('Response', {}, all));
}

type To = (place: Place) => string;
type ToStream = Extract<Instruction, { kind: 'stream' }>;

/** Plivo stays in the `<Stream>` until the socket closes, and only then goes on. */
function stream(call: Call, instruction: ToStream, streamUrl: StreamUrl | null, to: To): readonly Xml[] {
  const { url, token } = streamAddress(streamUrl, call, instruction);
  const attributes = {
    bidirectional: 'true',
    keepCallAlive: 'true',
    // Plivo's pages disagree about the default.
    contentType: 'audio/x-mulaw;rate=8000',
    extraHeaders: `token=${token}`,
    statusCallbackUrl: to({ flow: 'streaming', stream: instruction.n }),
    statusCallbackMethod: 'POST',
  };
  return [element('Stream', attributes, [url]), redirect(to({ flow: 'streamed', stream: instruction.n }))];
}

function elements(call: Call, instruction: Exclude<Instruction, ToStream>, to: To): readonly Xml[] {
  switch (instruction.kind) {
    case 'say':
      return instruction.turn === null
        ? sayOnly(call, instruction.utterance, to)
        : sayAndListen(call, instruction.utterance, instruction.turn, to);
    case 'listen':
      return getInput(call, instruction.turn, null, to);
    case 'wait':
    case 'answer':
      // There is nothing to wait for on a call that is over, and asking again would keep its line open.
      if (isLeaving(call)) return [element('Hangup', {})];
      return [...pause(instruction), redirect(to(nextPlace(instruction)))];
    case 'hangup':
      return [element('Hangup', {})];
    case 'reject':
      return [element('Hangup', { reason: 'rejected' })];
  }
}

/** `<Wait>` takes whole seconds, at least one. */
function pause(instruction: Instruction): readonly Xml[] {
  if (instruction.kind !== 'wait' || instruction.forMs === undefined) return [];
  return [element('Wait', { length: Math.max(1, Math.ceil(instruction.forMs / 1_000)) })];
}

function isLeaving(call: Call): boolean {
  return call.phase === 'ending' || call.phase === 'ended';
}

function sayOnly(call: Call, utterance: Utterance, to: To): readonly Xml[] {
  return [...utter(call, utterance), redirect(to({ flow: 'played', utteranceId: utterance.id }))];
}

/** Words are said inside the listening, so that the caller may interrupt them; keys cannot stand there. */
function sayAndListen(call: Call, utterance: Utterance, turn: number, to: To): readonly Xml[] {
  const listening = getInput(call, turn, utterance, to);
  return utterance.digits === null ? listening : [...utter(call, utterance), ...listening];
}

function getInput(call: Call, turn: number, prompt: Utterance | null, to: To): readonly Xml[] {
  const attributes = {
    action: to({ flow: 'input', turn }),
    method: 'POST',
    inputType: 'dtmf speech',
    executionTimeout: LISTEN_S,
    digitEndTimeout: KEY_PAUSE_S,
    // Plivo decides when the caller is done.
    speechEndTimeout: 'auto',
    language: hearingFor(call.settings),
    redirect: 'true',
    // What a caller says or keys in, a PIN perhaps, is nobody's to keep in a debug log.
    log: 'false',
  };
  const spoken = prompt && prompt.digits === null ? utter(call, prompt) : [];
  return [
    element('GetInput', attributes, spoken),
    redirect(to({ flow: 'silent', turn, utteranceId: prompt?.id ?? null })),
  ];
}

function redirect(url: string): Xml {
  return element('Redirect', { method: 'POST' }, [url]);
}

function utter(call: Call, { text, digits }: Utterance): readonly Xml[] {
  // Otherwise Plivo goes on after the first key, and tells us that all were pressed.
  if (digits !== null) return [element('DTMF', { async: 'false' }, [digits])];
  const { voice, language } = speakerFor(call.settings);
  return inPieces(legalText(text), SPEAK_LIMIT).map((piece) =>
    element('Speak', { voice, language }, [piece]),
  );
}
