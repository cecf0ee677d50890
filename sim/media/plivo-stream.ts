// plivoStream: opens the audio stream a `<Stream>` asks for, as Plivo does: checked, signed, reported.
import { randomInt } from 'node:crypto';
import type { PlivoCall, World } from '../plivo/call.ts';
import type { Element } from '../plivo/plivo-xml.ts';
import { signV3 } from '../plivo/signature.ts';
import { PlivoWire } from './plivo-wire.ts';
import { MediaStream } from './stream.ts';
import { type StreamFault, spoilsConnect } from './stream-faults.ts';
import { streamRoute } from './stream-route.ts';

interface Desk {
  readonly world: World;
  readonly call: PlivoCall;
  /** Presses keys towards the person. */
  readonly press: (digits: string) => void;
}

/** The first attempt to connect and two more. */
const TRIES = 3;

/** The stream on its way, or undefined with a problem noted. */
export function openPlivoStream(desk: Desk, element: Element): MediaStream | undefined {
  const { world, call } = desk;
  const { activity, clock, ledger, media, tunnels } = world;
  const note = (why: string): void => ledger.problem('stream', why, call.uuid);
  const url = element.text;
  const route = streamRoute(url, { tunnels, allowsPlain: media.allowsPlain });
  if (call.stream && !call.stream.end) {
    note('a call has one stream at a time');
    return undefined;
  }
  if (typeof route === 'string') {
    note(route);
    return undefined;
  }
  const fault = media.take();
  const { attributes } = element;
  const wire = new PlivoWire({
    accountId: world.settings.authId,
    callId: call.uuid,
    extraHeaders: extraHeadersOf(attributes['extraHeaders'], fault),
    isBidirectional: attributes['bidirectional'] === 'true',
    saysStop: fault.saysStop ?? false,
  });
  const tell = teller(desk, attributes, wire.streamId);
  const stream = new MediaStream({
    clock,
    activity,
    route,
    headers: signed(url, fault, world),
    wire,
    mouth: call.mouth,
    ear: call.ear,
    fault,
    tries: TRIES,
    problem: (_code, why) => note(why),
    pressed: desk.press,
    opened: () => tell('StartStream'),
    ended: ({ by, why }) => {
      // Nobody is told of a stream that ends because its call does.
      if (call.isAlive) tell(by === 'plugin' || by === 'carrier' ? 'StopStream' : 'DroppedStream');
      if (by === 'nobody' && !spoilsConnect(fault)) note(why);
    },
  });
  media.streams.push(stream);
  call.streams.push(stream);
  return stream;
}

/** `k=v,k2=v2` of the element comes back as `k=v;k2=v2`. */
function extraHeadersOf(written = '', { parameters }: StreamFault): string {
  if (!parameters) return written.split(',').join(';');
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
}

function signed(
  url: string,
  { signature }: StreamFault,
  { settings }: World,
): Readonly<Record<string, string>> {
  if (signature === 'none') return {};
  const { authToken, mainAuthToken = authToken, signsAs } = settings;
  const nonce = Array.from({ length: 20 }, () => randomInt(10)).join('');
  const forged = signature === 'wrong' ? 'x' : '';
  const letter = { url, nonce, params: [], signsAs };
  return {
    'X-Plivo-Signature-V3': signV3(`${authToken}${forged}`, letter),
    'X-Plivo-Signature-Ma-V3': signV3(`${mainAuthToken}${forged}`, letter),
    'X-Plivo-Signature-V3-Nonce': nonce,
  };
}

type StreamEvent = 'StartStream' | 'StopStream' | 'DroppedStream';

function teller(
  { world, call }: Desk,
  attributes: Element['attributes'],
  streamId: string,
): (event: StreamEvent) => void {
  const { statusCallbackUrl: url, statusCallbackMethod } = attributes;
  return (event) => {
    if (url === undefined) return;
    const params = [
      ['Event', event],
      ['CallUUID', call.uuid],
      ['StreamID', streamId],
      ['Timestamp', new Date(world.clock.now()).toISOString()],
      ['From', call.from],
      ['To', call.to],
      ['Direction', call.direction],
    ] as const;
    const method = statusCallbackMethod === 'GET' ? 'GET' : 'POST';
    const hook = { kind: 'stream', url, method, callUuid: call.uuid, params } as const;
    world.postman.send(hook).catch(() => undefined);
  };
}
