// twilioStream: opens the media stream a `<Connect>` asks for, as Twilio does: checked, signed, reported.
import type { TwinCall, World } from '../twilio/call.ts';
import { sign, withDefaultPort } from '../twilio/signature.ts';
import type { Element } from '../twilio/twiml.ts';
import { MediaStream, type StreamPlan } from './stream.ts';
import { type StreamFault, spoilsConnect } from './stream-faults.ts';
import { streamRoute } from './stream-route.ts';
import { TwilioWire } from './twilio-wire.ts';

interface Desk {
  readonly world: World;
  readonly call: TwinCall;
}

const MALFORMED_URL = 31923;
const HANDSHAKE = 31920;
const PROTOCOL = 31924;
const INVALID_MESSAGE = 31951;

/** The stream on its way, or undefined with a problem noted: then Twilio goes on with the next verb. */
export function openTwilioStream(
  desk: Desk,
  connect: Element,
  pageUrl: string | undefined,
): MediaStream | undefined {
  const { world, call } = desk;
  const { activity, clock, ledger, media, tunnels, settings } = world;
  const element = connect.children.find(({ name }) => name === 'Stream');
  if (!element) return undefined;
  const url = streamUrl(element.attributes['url'] ?? '', pageUrl);
  const route = streamRoute(url, { tunnels, allowsPlain: media.allowsPlain });
  if (typeof route === 'string') {
    ledger.problem(MALFORMED_URL, route, call.sid);
    return undefined;
  }
  const fault = media.take();
  const wire = new TwilioWire({
    accountSid: settings.accountSid,
    callSid: call.sid,
    customParameters: fault.parameters ?? parametersOf(element),
  });
  const stream = new MediaStream({
    clock,
    activity,
    route,
    headers: signed(url, fault, world),
    wire,
    mouth: call.mouth,
    ear: call.ear,
    fault,
    tries: 1,
    problem: (code, why) => {
      const number = code === 'protocol' ? PROTOCOL : INVALID_MESSAGE;
      ledger.problem(typeof code === 'number' ? code : number, why, call.sid);
    },
    pressed: () => undefined,
    ...reports(desk, element, { streamId: wire.streamId, fault }),
  });
  media.streams.push(stream);
  call.streams.push(stream);
  return stream;
}

/** Absolute, and without the query: Twilio drops it. */
function streamUrl(written: string, pageUrl: string | undefined): string {
  const url = URL.parse(written, pageUrl?.replace(/^http/, 'ws'));
  if (!url) return written;
  url.search = '';
  url.hash = '';
  return url.href;
}

function parametersOf({ children }: Element): Readonly<Record<string, string>> {
  return Object.fromEntries(
    children.map(({ attributes }) => [attributes['name'] ?? '', attributes['value'] ?? '']),
  );
}

function signed(url: string, fault: StreamFault, { settings }: World): Readonly<Record<string, string>> {
  if (fault.signature === 'none') return {};
  const token = fault.signature === 'wrong' ? `${settings.authToken}x` : settings.authToken;
  const seen = settings.signsDefaultPort ? withDefaultPort(url) : url;
  return { 'x-twilio-signature': sign(token, seen) };
}

/** Tells the status callback of a stream, and notes a handshake the plugin refused without a reason of ours. */
function reports(
  { world, call }: Desk,
  { attributes }: Element,
  { streamId, fault }: { readonly streamId: string; readonly fault: StreamFault },
): Pick<StreamPlan, 'opened' | 'ended'> {
  const tell = (event: 'stream-started' | 'stream-stopped' | 'stream-error', error?: string): void => {
    const url = attributes['statusCallback'];
    if (url === undefined) return;
    const method = attributes['statusCallbackMethod'] === 'GET' ? 'GET' : 'POST';
    call.tell('stream', { url, method }, [
      ['AccountSid', world.settings.accountSid],
      ['CallSid', call.sid],
      ['StreamSid', streamId],
      ['StreamName', attributes['name'] ?? streamId],
      ['StreamEvent', event],
      ...(error === undefined ? [] : [['StreamError', error] as const]),
      ['Timestamp', new Date(world.clock.now()).toISOString()],
    ]);
  };
  return {
    opened: () => tell('stream-started'),
    ended: ({ by, why }) => {
      tell(by === 'nobody' ? 'stream-error' : 'stream-stopped', by === 'nobody' ? why : undefined);
      if (by === 'nobody' && !spoilsConnect(fault)) world.ledger.problem(HANDSHAKE, why, call.sid);
    },
  };
}
