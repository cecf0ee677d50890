// Voices: has each provider do a little of what it will do on calls: say a sentence, understand it, answer a word.
import type { Settings } from '../config/settings.ts';
import { clip } from '../conversation/clip.ts';
import type { Synthesizer, Transcriber } from '../conversation/ports.ts';
import type { VoiceModel } from '../conversation/voice-model.ts';
import { type Clock, wait } from '../lib/clock.ts';
import { reasonOf } from '../lib/errors.ts';
import { soundReader } from '../media/sound.ts';
import { type Check, type Finding, failed, fine, unchecked } from './check.ts';

type Missing = { readonly why: string };

export interface VoicesDeps {
  readonly settings: Settings;
  readonly clock: Clock;
  /** The agent that owns our calls; throws VC_AGENT_UNKNOWN. */
  readonly ownerAgent: () => string;
  readonly synthesizer: () => Synthesizer;
  readonly transcriber: () => Promise<Transcriber | Missing>;
  readonly voiceModel: () => Promise<VoiceModel | Missing>;
  /** A run of a few tokens on the model that will answer calls; its words. Rejects when it fails. */
  readonly askModel: (agentId: string, signal: AbortSignal) => Promise<string>;
}

const SAMPLE = 'This is a short test of the telephone.';
const CHECK_CALL = 'setup-check';
const SPEECH_MS = 20_000;
const LISTENING_MS = 30_000;
/** A model that is cold takes its time. */
const MODEL_MS = 60_000;
const FRAME_MS = 20;
const BYTES_PER_MS = 8;
const SILENCE = 0xff;
/** After the sample the caller is silent for so long: a provider ends the sentence by it. */
const PAUSE_MS = 1_500;

export function voiceChecks(deps: VoicesDeps): readonly Check[] {
  const { streaming, realtime, carrier } = deps.settings;
  const isMock = carrier.name === 'mock';
  const spoken = Promise.withResolvers<Sample | null>();
  const hears = streaming !== null && realtime === null && !isMock;
  const without = isMock ? 'not needed: the mock carrier speaks as text' : 'not needed: the carrier does it';
  return [
    {
      id: 'speech',
      withinMs: SPEECH_MS,
      run: (signal) => (hears ? speech(deps, spoken.resolve, signal) : fine(without)),
    },
    {
      id: 'transcription',
      withinMs: LISTENING_MS,
      run: async (signal) => (hears ? transcription(deps, await spoken.promise, signal) : fine(without)),
    },
    {
      id: 'voice-model',
      withinMs: SPEECH_MS,
      run: (signal) =>
        realtime !== null && !isMock ? voiceModel(deps, signal) : fine('not needed: no voice model talks'),
    },
    { id: 'model', withinMs: MODEL_MS, run: (signal) => model(deps, signal) },
  ];
}

/** mu-law at 8 kHz. */
interface Sample {
  readonly mulaw: Uint8Array;
  readonly text: string;
}

/** Did sound come, how fast, how much: too little of it is a provider that only pretends. */
async function speech(
  deps: VoicesDeps,
  give: (sample: Sample | null) => void,
  signal: AbortSignal,
): Promise<Finding> {
  const { clock, settings } = deps;
  const begun = clock.now();
  let firstMs: number | null = null;
  const reader = soundReader();
  const parts: Uint8Array[] = [];
  try {
    const wanted = {
      callId: CHECK_CALL,
      text: SAMPLE,
      language: settings.language,
      tts: null,
      numberRoute: null,
    };
    for await (const sound of deps.synthesizer().speak({ ...wanted, signal })) {
      firstMs ??= clock.now() - begun;
      parts.push(reader.push(sound));
    }
    parts.push(reader.end());
  } catch (error) {
    give(null);
    throw error;
  }
  const mulaw = new Uint8Array(Buffer.concat(parts));
  const lengthMs = mulaw.length / BYTES_PER_MS;
  const isSound = lengthMs >= 300 && !isFlat(mulaw);
  give(isSound ? { mulaw, text: SAMPLE } : null);
  if (!isSound) {
    const why = `the speech provider sent ${seconds(lengthMs)} s of ${isFlat(mulaw) ? 'silence' : 'sound'} for a sentence`;
    return failed(why, 'Check the voice and the model named under "tts" in the configuration.');
  }
  return fine(`${seconds(lengthMs)} s of speech, the first sound after ${Math.round(firstMs ?? 0)} ms`);
}

function isFlat(mulaw: Uint8Array): boolean {
  return new Set(mulaw).size <= 4;
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

/** A sentence in English that is bundled stands in where there is no voice to make one. */
async function transcription(deps: VoicesDeps, sample: Sample | null, signal: AbortSignal): Promise<Finding> {
  const bundled = clip('en-US');
  const sound = sample ?? (bundled && { mulaw: bundled.bytes, text: 'One moment, please.' });
  const transcriber = await deps.transcriber();
  if ('why' in transcriber)
    return failed(transcriber.why, 'Put it into the configuration under "streaming".');
  if (sound === null) return unchecked('there is no sound it could understand');
  const { clock, settings } = deps;
  const { language } = settings;
  const over = Promise.withResolvers<Finding>();
  const provider = `the transcription provider ${transcriber.provider}`;
  const KEY = `Check streaming.providers.${transcriber.provider}.apiKey and what the provider says about the account.`;
  const session = transcriber.open(
    { callId: CHECK_CALL, agentId: owner(deps) ?? '', language },
    {
      onPartial: () => undefined,
      onFinal: (text) =>
        over.resolve(fine(`${provider} understood ${wordsIn(text)} words of a test sentence`)),
      onBroken: (why) => over.resolve(failed(`${provider} broke off: ${why}`, KEY)),
    },
  );
  try {
    const connected = session.ready.then(
      () => speakTo(session, sound.mulaw, clock, signal),
      (error: unknown) => over.resolve(failed(`${provider} cannot be reached: ${reasonOf(error)}`, KEY)),
    );
    connected.catch(() => undefined);
    const silent = failed(`${provider} heard a test sentence and understood nothing`, KEY);
    signal.addEventListener('abort', () => over.resolve(silent), { once: true });
    return await over.promise;
  } finally {
    session.close();
  }
}

/** At the pace of a call: providers drop what comes faster. Ends in silence. */
async function speakTo(
  session: { hear(mulaw: Uint8Array): void },
  mulaw: Uint8Array,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const pause = new Uint8Array(PAUSE_MS * BYTES_PER_MS).fill(SILENCE);
  const all = Buffer.concat([mulaw, pause]);
  const step = FRAME_MS * BYTES_PER_MS;
  for (let at = 0; at < all.length; at += step) {
    session.hear(new Uint8Array(all.subarray(at, at + step)));
    await wait(clock, FRAME_MS, signal);
  }
}

function wordsIn(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}

async function voiceModel(deps: VoicesDeps, signal: AbortSignal): Promise<Finding> {
  const found = await deps.voiceModel();
  if ('why' in found) return failed(found.why, 'Put it into the configuration under "realtime".');
  const gone = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => gone.reject(signal.reason), { once: true });
  const begun = deps.clock.now();
  const nothing = (): void => undefined;
  const session = found.open(
    {
      callId: CHECK_CALL,
      agentId: owner(deps) ?? '',
      sessionKey: CHECK_CALL,
      language: deps.settings.language,
      instructions: 'Say nothing.',
      tools: [],
      heardMs: () => 0,
    },
    {
      onSound: nothing,
      onReplyOver: nothing,
      onInterrupted: nothing,
      onHeard: nothing,
      onSaid: nothing,
      onTool: nothing,
      onToolWithdrawn: nothing,
      onGone: (why) => gone.reject(new Error(why)),
    },
  );
  try {
    await Promise.race([session.ready, gone.promise]);
    return fine(`${found.provider} opened a session after ${Math.round(deps.clock.now() - begun)} ms`);
  } catch (error) {
    const cure = `Check realtime.providers.${found.provider}: its apiKey and its model.`;
    return failed(`the voice model of ${found.provider} cannot be reached: ${reasonOf(error)}`, cure);
  } finally {
    session.close();
    gone.promise.catch(nothing);
  }
}

const NO_OWNER = 'no agent owns the calls';

/** Null: there is no telling, and another check says so. */
function owner({ ownerAgent }: VoicesDeps): string | null {
  try {
    return ownerAgent();
  } catch {
    return null;
  }
}

async function model(deps: VoicesDeps, signal: AbortSignal): Promise<Finding> {
  const begun = deps.clock.now();
  const agentId = owner(deps);
  if (agentId === null) return unchecked(NO_OWNER);
  try {
    await deps.askModel(agentId, signal);
  } catch (error) {
    const { responseModel } = deps.settings;
    const which = responseModel === null ? `the model of agent ${agentId}` : `responseModel ${responseModel}`;
    const cure = 'Check the model and its key with "openclaw models status".';
    return failed(`${which} gave no answer: ${reasonOf(error)}`, cure);
  }
  return fine(`the model of agent ${agentId} answered after ${Math.round(deps.clock.now() - begun)} ms`);
}
