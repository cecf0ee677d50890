// MeaningsDoc: docs/meanings.md, what our own sentences, the states of a call, the checks and the troubles mean.
import { type Phrases, phrasesByLanguage } from '../src/call/phrases.ts';
import type { PublicState } from '../src/call/public-view.ts';
import type { CheckId } from '../src/setup/check.ts';
import { tableOf } from './markdown.ts';

/** A word without a meaning here does not compile. */
const phrases: Readonly<Record<keyof Phrases, string>> = {
  stillThere: 'nothing was heard for a while; asked twice',
  goodbyeSilent: 'still nothing: then we hang up',
  oneMoment: 'the agent thinks, for the first time in a turn',
  stillWorking: 'it still thinks',
  apology: 'it failed, or took longer than `responseTimeoutMs`',
  timeIsUp: '`maxDurationSeconds` is reached: then we hang up',
  closing: 'the Gateway is stopped: then we hang up',
  busy: 'a caller beyond `maxInboundCalls`, or whom this machine cannot carry now; they are let go',
  nobody: 'a caller on a number that no agent owns, who is let go',
  pairing: 'an unknown caller with `inboundPolicy` `pairing`, who is let go; `{code}` is told digit by digit',
};

const states: Readonly<Record<PublicState, string>> = {
  initiated: 'we asked the carrier to dial',
  ringing: 'it rings, at theirs or at ours',
  answered: 'somebody is on the line, nothing was said yet',
  active: 'the agent, or whoever drives the call, thinks',
  speaking: 'we speak',
  listening: 'we listen',
  completed: 'over, and the carrier does not say who hung up; or a caller stayed silent and was told goodbye',
  'hangup-user': 'over: they hung up, or declined',
  'hangup-bot':
    'over: we hung up: the message was heard, somebody asked for it, the Gateway was stopped, a caller was turned away',
  timeout:
    'over: `maxDurationSeconds` was reached, or with a voice model no sound came from the carrier any more',
  error: 'over: it broke off; `cause` says why',
  failed: 'over: the carrier could not place it',
  'no-answer': 'over: nobody picked up within `ringTimeoutMs`',
  busy: 'over: the line was busy',
  voicemail: 'over: the carrier said that a machine answered',
};

const checks: Readonly<Record<CheckId, string>> = {
  'plugin-enabled': 'the plugin is not switched off',
  provider: 'a carrier is chosen',
  'provider-config': 'the configuration is complete, and nothing in it is wrong',
  'webhook-exposure': 'there is a way in: `publicUrl` or a tunnel',
  mode: 'who speaks and listens: the carrier, live audio, or a voice model',
  'agent-owner': 'an agent owns the calls',
  credentials: 'the carrier accepts the credentials',
  number: 'the number is ours at the carrier, and can carry calls',
  'number-webhook': 'calls to the number lead to us; not needed while `inboundPolicy` is `disabled`',
  port: 'we listen, or could, at `serve.bind` and `serve.port`',
  'public-url-http': 'the public address leads to this very process, by a real round trip',
  'public-url-websocket': 'the same for WebSockets, where sound is streamed',
  speech: 'a sentence is spoken by the voice of live audio',
  transcription: 'the ear of live audio understands a test sentence',
  'voice-model': 'the voice model opens a session',
  model: 'the model of the agent answers',
  'inbound-policy': 'who may call; warns of `open`',
  limits: 'what our calls may cost; warns when nothing limits it',
  store: 'calls can be written down, and there is room',
  health: 'nothing of the running telephone is in trouble',
  gateway: 'the Gateway answers, and runs this plugin',
};

/** `subject` of what stands in `health`; test/inventory.test.ts finds those the code knows. */
const troubles: Readonly<Record<string, string>> = {
  start: 'the telephone could not be started; it is tried again',
  config: 'an edited configuration is not used; the one before goes on',
  carrier: 'the carrier does not answer our requests',
  tunnel: 'the tunnel does not lead to us; it is opened again',
  number:
    'a tunnel has another address, and calls to the number may still go to the one before: `voicecall setup --fix`',
  line: 'the thread of sound died; another one is started',
  load: 'this machine cannot carry another call; none is begun until it can',
  store: 'calls cannot be written down; none is begun until they can',
  'store damage': 'a damaged store was set aside at the start',
  'past calls': 'records that cannot be read were set aside at the start',
};

/** docs/meanings.md */
export function meaningsDoc(): string {
  const { en } = phrasesByLanguage;
  const names = new Intl.DisplayNames(['en'], { type: 'language' });
  const languages = Object.keys(phrasesByLanguage).map((tag) => names.of(tag) ?? tag);
  return `# What it says, and what that means

Printed by \`npm run docs\` from \`tools/meanings-doc.ts\` and the words of the code; do not edit.

## What callers hear from us

Your agent says everything else. These sentences are ours, in the language of the call; a language that is not
among these gets English: ${languages.join(', ')}.

${tableOf(
  ['sentence', 'when'],
  (Object.keys(phrases) as (keyof Phrases)[]).map((name) => [`"${en?.[name] ?? ''}"`, phrases[name]]),
)}

## The states of a call

\`state\` of a call in \`voicecall status\`, the tool and the methods. Of a call that is over it is also its \`endReason\`, with the
carrier's or our own words in \`cause\`.

${rows(['state', 'meaning'], states)}

## The checks of \`voicecall setup\`

\`id\` of a check in \`voicecall setup --json\`, and what it makes sure of.

${rows(['check', 'it is well when'], checks)}

## What may be in trouble

\`subject\` in the \`health\` of \`voicecall status\`, which has code, sentence, cure and since when; the codes are in
[errors.md](errors.md).

${rows(['subject', 'meaning'], troubles)}
`;
}

function rows(head: readonly string[], meanings: Readonly<Record<string, string>>): string {
  return tableOf(
    head,
    Object.entries(meanings).map(([word, meaning]) => [`\`${word}\``, meaning]),
  );
}
