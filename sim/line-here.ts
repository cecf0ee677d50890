// LineHere: what the line thread does, in the thread of the test and on its clock.
import type { LiveAudio } from '../src/app.ts';
import { mediaCodecs } from '../src/carrier/codecs.ts';
import { bind } from '../src/ingress/server.ts';
import { StreamDoor } from '../src/ingress/stream.ts';
import { cleanPath } from '../src/ingress/stream-token.ts';
import type { Clock } from '../src/lib/clock.ts';
import { voiceActivity } from '../src/media/activity.ts';
import { energyModel } from '../src/media/energy.ts';
import { Engine } from '../src/media/engine.ts';
import type { LineListener, Lines } from '../src/media/lines.ts';
import { soundReader } from '../src/media/sound.ts';
import { keyTones } from '../src/media/tones.ts';

type OpenLine = LiveAudio['openLine'];

/** `onOpen` sees what it is opened with: it is not measured how hard this thread works, a story tells that itself. */
export function lineHere(clock: Clock, onOpen?: (options: Parameters<OpenLine>[0]) => void): OpenLine {
  return async (options) => {
    const { host, port, stream, log } = options;
    onOpen?.(options);
    let tell: LineListener = () => undefined;
    const engine = new Engine({
      clock,
      // As a message would: after whatever the engine is doing.
      listen: (event) => queueMicrotask(() => tell(event)),
      codecs: mediaCodecs,
      activityFor: (sensitivity) => voiceActivity({ sensitivity, model: energyModel() }),
      soundReader,
      keyTones,
    });
    const door = new StreamDoor({
      lines: engine,
      paths: [stream.path, `${stream.prefix}${cleanPath(stream.path)}`],
      secret: stream.secret,
      limits: stream.limits,
      clock,
      log,
    });
    const listener = await bind({ host, port, clock, upgrade: (visit) => door.upgrade(visit) });
    const close = async (): Promise<void> => {
      await Promise.allSettled([listener.close(), door.close()]);
    };
    return {
      listener: { ...listener, close },
      lines: linesOf(engine, door),
      listen: (next) => {
        tell = next;
      },
      meter: (callId, forMs) => engine.meter(callId, forMs),
      stop: close,
    };
  };
}

/** The engine, and the door that waits for calls to be known. */
function linesOf(engine: Engine, door: StreamDoor): Lines {
  return {
    open: (init) => engine.open(init),
    identify: (callId, carrierCallId) => {
      engine.identify(callId, carrierCallId);
      door.identified(callId);
    },
    say: (callId, utterance) => engine.say(callId, utterance),
    sound: (callId, utteranceId, sound) => engine.sound(callId, utteranceId, sound),
    keys: (callId, utteranceId, digits) => engine.keys(callId, utteranceId, digits),
    finish: (callId, utteranceId) => engine.finish(callId, utteranceId),
    drop: (callId, utteranceIds) => engine.drop(callId, utteranceIds),
    understood: (callId, text) => engine.understood(callId, text),
    close: (callId) => engine.close(callId),
  };
}
