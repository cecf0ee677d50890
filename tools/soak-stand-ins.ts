// SoakStandIns: the agent and the voices of a soak: they cost little, and block the event loop as a host does.
import { clip } from '../sim/media/clips.ts';
import { loudness } from '../sim/media/mulaw.ts';
import type { LiveAudio } from '../src/app.ts';
import type { Agent, AgentTurn, TranscriberListener } from '../src/conversation/ports.ts';
import { steadyClock, systemClock, wait } from '../src/lib/clock.ts';
import { startLastingLine } from '../src/line/lasting.ts';

/** How the agent answers: a little thinking, then a word every so often. */
const THINK_MS = 200;
const WORD_MS = 40;
/** An agent's host blocks its event loop: so long per turn. */
const BLOCK_MS = 25;
const ANSWER =
  'Yes, I can do that for you right away. The table is booked for two on Friday evening. Is there anything else?';
/** A calm voice, ms a letter. */
const LETTER_MS = 65;
/** Of the stand-in transcriber: what is louder is a voice, and so much silence ends an utterance. */
const FAINTEST = 500;
const ENDPOINT_MS = 400;

export const agent: Agent = {
  async reply({ onText, onModelAsked, signal }: AgentTurn) {
    block(BLOCK_MS);
    onModelAsked?.();
    await wait(systemClock, THINK_MS, signal);
    let text = '';
    for (const word of ANSWER.split(/(?<= )/)) {
      text += word;
      onText?.(text);
      await wait(systemClock, WORD_MS, signal);
    }
    return { payloads: [{ text, isError: false, isReasoning: false }] };
  },
  prewarm: async () => block(BLOCK_MS),
  release: async () => undefined,
};

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

const VOICE = clip('sentence').mulaw;

/** A voice of the right length; the words do not matter. */
function soundOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * LETTER_MS * 8);
  for (let at = 0; at < bytes.length; at += VOICE.length) bytes.set(VOICE.subarray(0, bytes.length - at), at);
  return bytes;
}

/** Words as long as somebody sounds; a final when they stop. */
function session(listener: TranscriberListener): { hear(mulaw: Uint8Array): void } {
  let voiceMs = 0;
  let quietMs = 0;
  let told = 0;
  return {
    hear: (mulaw) => {
      const ms = mulaw.length / 8;
      if (loudness(mulaw) >= FAINTEST) {
        voiceMs += ms;
        quietMs = 0;
      } else quietMs += ms;
      const words = Math.floor(voiceMs / 400);
      const text = Array.from({ length: words }, (_, index) => `word${index + 1}`).join(' ');
      if (words > told) listener.onPartial(text);
      told = words;
      if (quietMs < ENDPOINT_MS || voiceMs === 0) return;
      voiceMs = 0;
      told = 0;
      if (words > 0) listener.onFinal(text);
    },
  };
}

export const live: LiveAudio = {
  provider: 'stand-in',
  steady: steadyClock,
  openLine: startLastingLine,
  synthesizer: {
    provider: 'stand-in',
    async *speak({ text, signal }) {
      await wait(systemClock, 120, signal);
      const bytes = soundOf(text);
      for (let at = 0; at < bytes.length; at += 8_000) {
        yield { encoding: 'mulaw', sampleRate: 8_000, bytes: bytes.subarray(at, at + 8_000) };
        await wait(systemClock, 30, signal);
      }
    },
  },
  transcriber: {
    provider: 'stand-in',
    open: (_call, listener) => ({
      ready: wait(systemClock, 50),
      ...session(listener),
      close: () => undefined,
    }),
  },
};
