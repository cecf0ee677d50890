// Requests: parameters of every verb, as tool of an agent and as method of the Gateway: answered or refused in words.
import { FakePhone, someCall } from '../../../sim/fake-phone.ts';
import { HandClock } from '../../../sim/hand-clock.ts';
import { voiceService } from '../../../sim/voice-service.ts';
import { isEmergencyNumber } from '../../../src/call/emergency.ts';
import { verbs } from '../../../src/operation/index.ts';
import type { OpenService } from '../../../src/operation/verb.ts';
import { rpcMethods } from '../../../src/surface/rpc.ts';
import { toolActions, voiceCallTool } from '../../../src/surface/tool.ts';
import type { Random } from '../../random.ts';
import { anyJson, anyText } from '../mutate.ts';
import { forbid, type Input, type Outcome, type Target, text } from '../target.ts';

const NAMES = [...new Set(Object.values(verbs).flatMap(({ input }) => Object.keys(input.shape)))];
const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  message: ['Hello.', 'x'.repeat(5_000)],
  to: ['+15550001234', '+1 (555) 000-1234', '911', '+19005550000', '15550001234'],
  from: ['+15550001234', 'anonymous'],
  callId: ['call-1', 'nobody'],
  mode: ['notify', 'conversation', 'call'],
  digits: ['12#', '1w2,3', '#*0'],
  dtmfSequence: ['ww12#', ''],
  language: ['de-DE', 'xx-invalid-language-tag'],
  limit: [1, 200, 201, 0, -1, '5'],
  operationId: ['op-1', 'op-2'],
  code: ['ABC123'],
  says: [['Hello.'], [], 'Hello.'],
};

export const requestTargets: readonly Target[] = [
  {
    name: 'requests: methods and tool',
    family: 'requests',
    share: 50_000,
    promise:
      'A request is answered, or refused with a code of ours, one sentence and a cure; never with a fault of ours; nothing is dialled but a number written as one, and only when that was asked for.',
    open: () => ({ make: (random) => ({ what: what(random), params: params(random) }), check }),
  },
];

/** What the verbs need, at least. */
const WHOLE: readonly (readonly string[])[] = [
  ['"message":"Hello."', '"to":"+15550001234"'],
  ['"callId":"call-1"', '"message":"So?"'],
  ['"callId":"call-1"', '"digits":"12#"'],
  ['"callId":"call-1"'],
  ['"from":"+15550001234"', '"to":"+15550001234"'],
];

function what(random: Random): string {
  const methods = Object.values(verbs).map(({ name }) => `voicecall.${name}`);
  return random.once(2) ? random.pick(methods) : 'tool';
}

function params(random: Random): string {
  if (random.once(8)) return anyJson(random, NAMES);
  const known = random.list(5, () => random.pick(NAMES));
  const value = (name: string): string => {
    const good = Object.hasOwn(GOOD, name) ? GOOD[name] : undefined;
    if (good && !random.once(4)) return JSON.stringify(random.pick(good));
    return random.once(2) ? JSON.stringify(anyText(random, 30)) : anyJson(random, NAMES, 1);
  };
  const action = random.once(8) ? anyText(random, 8) : random.pick(Object.keys(toolActions));
  const first = random.once(2) ? [`"action":${JSON.stringify(action)}`] : [];
  if (!random.once(3)) first.push(...random.pick(WHOLE));
  const last = random.once(20) ? ['"__proto__":{"to":"+15550009999"}'] : [];
  return `{${[...first, ...known.map((name) => `${JSON.stringify(name)}:${value(name)}`), ...last].join(',')}}`;
}

/** A whole number, or one of the police and their like: the owner's limits stand before those, where all calls begin. */
export function isDialable(number: string): boolean {
  return /^\+[1-9]\d{1,14}$/.test(number) || isEmergencyNumber(number);
}

/** Errors that only a fault of ours can cause. */
const OURS: readonly string[] = ['VC_INTERNAL'];

async function check(input: Input): Promise<Outcome> {
  let given: unknown;
  try {
    given = JSON.parse(text(input, 'params'));
  } catch {
    return { kind: 'no JSON' };
  }
  const phone = new FakePhone();
  phone.calls = [someCall()];
  const service = voiceService(phone, new HandClock());
  const open: OpenService = () => service;
  const what = text(input, 'what');
  const answer = what === 'tool' ? await askedByTool(open, given) : await asked(open, what, given);
  for (const { to } of phone.placed)
    forbid(!isDialable(to), 'something is dialled that is no number', () => to);
  const mayDial = /^(?:tool|voicecall\.initiate|voicecall\.start)$/.test(what);
  forbid(phone.placed.length > (mayDial ? 1 : 0), 'a call is placed that was not asked for', () => what);
  return { kind: phone.placed.length > 0 ? 'dialled' : answer.kind, answer: answer.answer };
}

async function asked(open: OpenService, name: string, given: unknown): Promise<Outcome> {
  const method = rpcMethods(open).find((one) => one.name === name);
  if (!method) return { kind: 'no method' };
  const answer = await method.handle(given, { isTrusted: false });
  if (answer.ok) return { kind: 'answered', answer };
  const { message, details } = answer.error;
  forbid(OURS.includes(details.code), 'a request meets a fault of ours', () => message);
  forbid(/\n|\bat .*\.ts:\d/.test(message) || message.length > 2_000, 'a refusal is no sentence', () =>
    message.slice(0, 500),
  );
  forbid(details.cure.length < 5, 'a refusal has no cure', () => message);
  return { kind: 'refused', answer };
}

async function askedByTool(open: OpenService, given: unknown): Promise<Outcome> {
  const tool = voiceCallTool(open, { sessionKey: 'agent:main', agentId: 'main' });
  const { details, content } = await tool.execute('t', given);
  JSON.parse(content[0]?.text ?? '');
  if (typeof details !== 'object' || details === null || !('error' in details))
    return { kind: 'answered', answer: details };
  const said = `${details.error}`;
  forbid(/Internal error|\bat .*\.ts:\d/.test(said), 'a request meets a fault of ours', () => said);
  return { kind: 'refused', answer: details };
}
