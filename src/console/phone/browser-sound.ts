// BrowserSound: microphone and loudspeaker of this browser, as the telephone line wants and gives sound.
import { LineDecoder, LineEncoder, silentFrame } from './line-codec.ts';
import type { Sound, SoundListener } from './phone.ts';
import type { FromWorklet, ToWorklet } from './worklet-messages.ts';

/** Beside the code of the page; the build puts it there. */
const WORKLET = './worklet.js';
const RATE_HZ = 48_000;
const MICROPHONE = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/** Opens the loudspeaker, and the microphone when it is there and allowed. To be called from a click. */
export async function openBrowserSound(listener: SoundListener): Promise<Sound> {
  const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: 'interactive' });
  try {
    await context.audioWorklet.addModule(new URL(WORKLET, import.meta.url));
    const node = new AudioWorkletNode(context, 'voice-call-phone', {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [1],
    });
    node.connect(context.destination);
    await context.resume();
    const microphone = await openMicrophone();
    if (microphone.stream) context.createMediaStreamSource(microphone.stream).connect(node);
    return new BrowserSound(context, node, microphone, listener);
  } catch (error) {
    await context.close();
    throw error;
  }
}

interface Microphone {
  readonly stream: MediaStream | null;
  /** Why there is none. */
  readonly why: string;
}

async function openMicrophone(): Promise<Microphone> {
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ audio: MICROPHONE }), why: '' };
  } catch (error) {
    const isDenied = error instanceof DOMException && error.name === 'NotAllowedError';
    const why = isDenied ? 'The microphone is not allowed here.' : 'There is no microphone.';
    return { stream: null, why: `${why} Type instead.` };
  }
}

class BrowserSound implements Sound {
  readonly microphone: Sound['microphone'];
  isMuted = false;
  readonly #context: AudioContext;
  readonly #node: AudioWorkletNode;
  readonly #stream: MediaStream | null;
  readonly #encoder: LineEncoder;
  readonly #decoder: LineDecoder;

  constructor(
    context: AudioContext,
    node: AudioWorkletNode,
    { stream, why }: Microphone,
    listener: SoundListener,
  ) {
    this.#context = context;
    this.#node = node;
    this.#stream = stream;
    this.microphone = stream ? { isOpen: true } : { isOpen: false, why };
    this.#encoder = new LineEncoder(context.sampleRate);
    this.#decoder = new LineDecoder(context.sampleRate);
    node.port.onmessage = ({ data }: MessageEvent<FromWorklet>) => {
      if (data.kind === 'played') listener.onPlayed(data.mark);
      else if (stream)
        for (const frame of this.#encoder.push(data.samples))
          listener.onFrame(this.isMuted ? silentFrame() : frame);
    };
  }

  play(mulaw: Uint8Array): void {
    const samples = this.#decoder.push(mulaw);
    this.#tell({ kind: 'sound', samples }, [samples.buffer]);
  }

  mark(name: string): void {
    this.#tell({ kind: 'mark', name });
  }

  clear(): void {
    this.#tell({ kind: 'clear' });
  }

  close(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#node.disconnect();
    this.#context.close().catch(() => undefined);
  }

  #tell(message: ToWorklet, move: Transferable[] = []): void {
    this.#node.port.postMessage(message, move);
  }
}
