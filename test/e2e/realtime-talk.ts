// RealtimeTalk: what a voice model says on the telephone in an end-to-end test, what its agent knows, and who calls it.
import { parrot, type Script } from '../../sim/media/voice-model-script.ts';
import type { Caller } from '../../sim/twilio/caller.ts';
import { wordsOf } from './streaming-talk.ts';

export const GREETING = 'Good day to you.';
export const question = 'Where is my parcel';
export const agentAnswer = 'Harbour shed four.';
export const goodbye = 'Thanks and goodbye.';
export const waiting = 'Still looking.';
export const sorry = 'Sorry for that.';
/** Said over the answer to three. */
export const interrupts = 'Stop four';

/** By the last word of what is asked. No word stands in two answers, so that one heard twice was said twice. */
const ANSWERS: Readonly<Record<string, string>> = {
  one: 'Apple pear.',
  two: 'Berry olive.',
  three: 'Brick stone tiger zebra. Eagle raven robin wren. Maple cedar birch pine.',
  four: 'Copper zinc.',
  six: 'Bread butter.',
  seven: 'Coffee tea. Jacket shirt shoe hat. Window door roof wall.',
  eight: 'Engine wheel. Garden tulip rose lily. Hammer nail screw bolt.',
};
/** The answer in which the provider is lost, the one in which the network breaks, and the words it happens at. */
export const providerLostIn = 'seven';
export const providerLostAt = 'shirt';
export const networkLostIn = 'eight';
export const networkLostAt = 'tulip';

export function answerTo(turn: string): string {
  return ANSWERS[turn] ?? '';
}

export const modelSays: Script = (prompt) => {
  if (prompt.from === 'tool') return isWorking(prompt.result) ? null : parrot(prompt);
  if (prompt.from === 'client') return toldSays(prompt.words) ?? parrot(prompt);
  const last = wordsOf(prompt.words).at(-1) ?? '';
  if (last === 'parcel') return { call: { name: 'openclaw_agent_consult', args: { question } } };
  if (last === 'all') return { say: goodbye, call: { name: 'openclaw_end_call', args: {} } };
  return last in ANSWERS ? { say: answerTo(last) } : parrot(prompt);
};

function toldSays(instruction: string): { readonly say: string } | undefined {
  if (instruction.includes('looked up')) return { say: waiting };
  return instruction.includes('interruption') ? { say: sorry } : undefined;
}

function isWorking(result: unknown): boolean {
  return (result as { readonly status?: unknown } | null)?.status === 'working';
}

/** What the model behind the agent writes. */
export function agentSays(): string {
  return agentAnswer;
}

/** Four turns; the last one cuts an answer short. */
export function talks(person: Caller): Caller {
  return person
    .says('One')
    .says('Two')
    .says('Three')
    .says(interrupts, { afterWords: 4 })
    .decides(hangsUpAfter(answerTo('four')));
}

/** A question for the agent, and the end, which is the model's. */
export function asks(person: Caller): Caller {
  let isAnswered = false;
  return person.says(question).decides((heard) => {
    if (isAnswered || !heard.includes(agentAnswer)) return null;
    isAnswered = true;
    return 'That is all';
  });
}

/** Patient enough to let somebody come back. */
export function isPatient(person: Caller): Caller {
  const end = wordsOf(answerTo('eight')).at(-1) ?? '';
  return person.says('Six').says('Seven').says('Eight', { afterMs: 2_500 }).decides(hangsUpAfter(end));
}

function hangsUpAfter(words: string): (heard: string) => { hangsUp: true; afterMs: number } | null {
  return (heard) => (heard.includes(words) ? { hangsUp: true, afterMs: 300 } : null);
}
