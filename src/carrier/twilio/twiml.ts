// Twiml: the document that makes a Twilio line follow an instruction. Equal calls give equal bytes.
import type { Call, Utterance } from '../../call/call.ts';
import type { Instruction } from '../../call/instruction.ts';
import type { OurAddress, StreamUrl } from '../carrier.ts';
import { inPieces } from '../pieces.ts';
import { streamAddress } from '../stream-address.ts';
import { element, legalText, type Xml, xmlDocument } from '../xml.ts';
import { flowUrl, type Place } from './flow.ts';
import { hearingFor, speakerFor } from './voices.ts';

/** `Twiml=` in a request holds this many characters at most; a longer document is fetched instead. */
export const INLINE_LIMIT = 4_000;
/** `<Say>` is documented to hold 4 KB; at three bytes a character this fits in every alphabet. */
const SAY_LIMIT = 1_200;
/** How long a caller may say nothing: Twilio then goes on to the redirect behind the `<Gather>`. */
const SILENCE_S = 10;

/** An empty document hangs up a line that asks for one, and is as good as any answer to one that does not. */
export const EMPTY = xmlDocument(element('Response', {}));

/** A line left without a next verb is cut: every document but a farewell ends by sending Twilio back to us. */
export function twimlFor(
  call: Call,
  instruction: Instruction,
  { webhookUrl, streamUrl }: OurAddress,
): string {
  const to = (place: Place): string => flowUrl(webhookUrl, call, place);
  const all =
    instruction.kind === 'stream' ? connect(call, instruction, streamUrl, to) : verbs(call, instruction, to);
  return xmlDocument(element('Response', {}, all));
}

type To = (place: Place) => string;
type ToStream = Extract<Instruction, { kind: 'stream' }>;

/** Twilio stays in the `<Connect>` until the socket closes. Its address has no query, so the token goes along. */
function connect(call: Call, instruction: ToStream, streamUrl: StreamUrl | null, to: To): readonly Xml[] {
  const { url, token } = streamAddress(streamUrl, call, instruction);
  const parameter = element('Parameter', { name: 'token', value: token });
  return [
    element('Connect', {}, [element('Stream', { url }, [parameter])]),
    redirect(to({ flow: 'streamed', stream: instruction.n })),
  ];
}

function verbs(call: Call, instruction: Exclude<Instruction, ToStream>, to: To): readonly Xml[] {
  switch (instruction.kind) {
    case 'say':
      return instruction.turn === null
        ? sayOnly(call, instruction.utterance, to)
        : gather(call, instruction.turn, instruction.utterance, to);
    case 'listen':
      return gather(call, instruction.turn, null, to);
    case 'wait':
    case 'answer':
      // There is nothing to wait for on a call that is over, and asking again would keep its line open.
      if (isLeaving(call)) return [element('Hangup', {})];
      return [...pause(instruction), redirect(to({ flow: 'wait' }))];
    case 'hangup':
      return [element('Hangup', {})];
    case 'reject':
      return [element('Reject', { reason: 'rejected' })];
  }
}

function pause(instruction: Instruction): readonly Xml[] {
  if (instruction.kind !== 'wait' || instruction.forMs === undefined) return [];
  return [element('Pause', { length: Math.ceil(instruction.forMs / 1_000) })];
}

function isLeaving(call: Call): boolean {
  return call.phase === 'ending' || call.phase === 'ended';
}

function sayOnly(call: Call, utterance: Utterance, to: To): readonly Xml[] {
  return [...utter(call, utterance), redirect(to({ flow: 'played', utteranceId: utterance.id }))];
}

function gather(call: Call, turn: number, prompt: Utterance | null, to: To): readonly Xml[] {
  const attributes = {
    input: 'speech dtmf',
    action: to({ flow: 'gather', turn }),
    method: 'POST',
    language: hearingFor(call.settings),
    // Twilio decides when the caller is done. It must not be combined with a speechModel.
    speechTimeout: 'auto',
    timeout: SILENCE_S,
  };
  return [
    element('Gather', attributes, prompt ? utter(call, prompt) : []),
    redirect(to({ flow: 'silent', turn, utteranceId: prompt?.id ?? null })),
  ];
}

function redirect(url: string): Xml {
  return element('Redirect', { method: 'POST' }, [url]);
}

/** Keys are played, words are said. */
function utter(call: Call, { text, digits }: Utterance): readonly Xml[] {
  return digits === null ? say(call, text) : [element('Play', { digits })];
}

function say(call: Call, text: string): readonly Xml[] {
  const { voice, language } = speakerFor(call.settings);
  return inPieces(legalText(text), SAY_LIMIT).map((piece) => element('Say', { voice, language }, [piece]));
}
