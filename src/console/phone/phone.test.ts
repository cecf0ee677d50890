// Tests of the test phone of the page: its talk with the Gateway, its marks, and what it does without sound.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { settle } from '../../../sim/hand-clock.ts';
import { Phone, type SocketListener, type Sound, type SoundListener } from './phone.ts';

const SPEECH = { voice: 'flite', hearing: 'moonshine', isOffline: true };

describe('The test phone of the page', () => {
  let sent: (string | number)[];
  let sounded: string[];
  let looked: string[];
  let opened: { sound: boolean };
  let socket: SocketListener;
  let ear: SoundListener;
  let hasSound: boolean;
  let trouble: Error | null;
  let phone: Phone;

  beforeEach(() => {
    [sent, sounded, looked] = [[], [], []];
    opened = { sound: true };
    hasSound = true;
    trouble = null;
    phone = new Phone({
      host: {
        request: async <T>(_method: string, { sound }: Readonly<Record<string, unknown>>) => {
          if (trouble) throw trouble;
          return {
            url: '/x?ticket=1',
            number: '+15550008378',
            sound: sound && opened.sound,
            speech: SPEECH,
          } as T;
        },
      },
      openSocket: (path, listener) => {
        sent.push(path);
        socket = listener;
        return {
          send: (message) => void sent.push(typeof message === 'string' ? message : message.length),
          close: () => void sent.push('closed'),
        };
      },
      openSound: async (listener) => {
        if (!hasSound) throw new Error('no loudspeaker.');
        ear = listener;
        const note = (what: string): void => void sounded.push(what);
        const sound: Sound = {
          microphone: { isOpen: true },
          isMuted: false,
          play: (mulaw) => note(`play ${mulaw.length}`),
          mark: (name) => note(`mark ${name}`),
          clear: () => note('clear'),
          close: () => note('close'),
        };
        return sound;
      },
      onChange: () => undefined,
      onCall: (callId) => looked.push(callId),
    });
  });

  const told = (message: object): void => socket.onText(JSON.stringify(message));
  const kind = (): string => phone.view.state.kind;

  async function connected(): Promise<void> {
    await phone.open(true);
    told({ type: 'ready', number: '+15550008378', sound: true, speech: SPEECH });
    phone.call();
    told({ type: 'calling', callId: 'c1' });
    told({ type: 'connected', callId: 'c1', sound: true });
    sent.splice(0);
  }

  it('calls the agent, hears it and is heard, and marks what was played when it was', async () => {
    await phone.open(true);
    assert.equal(kind(), 'opening');
    told({ type: 'ready', number: '+15550008378', sound: true, speech: SPEECH });
    assert.deepEqual([kind(), phone.view.number, phone.view.speech], ['idle', '+15550008378', SPEECH]);
    phone.call();
    told({ type: 'calling', callId: 'c1' });
    ear.onFrame(new Uint8Array(160));
    told({ type: 'connected', callId: 'c1', sound: true });
    assert.deepEqual(looked, ['c1', 'c1']);
    ear.onFrame(new Uint8Array(160));
    socket.onSound(new Uint8Array(320));
    told({ type: 'mark', name: 'm1' });
    told({ type: 'state', state: 'listening' });
    assert.deepEqual(sounded, ['play 320', 'mark m1']);
    ear.onPlayed('m1');
    assert.deepEqual(sent, [
      '/x?ticket=1',
      '{"type":"call","to":null}',
      160,
      '{"type":"played","mark":"m1"}',
    ]);
    assert.equal(phone.view.floor, 'listening');
  });

  it('throws sound away when it is told to', async () => {
    await connected();
    told({ type: 'clear' });
    assert.deepEqual(sounded, ['clear']);
  });

  it('answers, declines, presses keys, types and hangs up', async () => {
    await connected();
    phone.press('5');
    phone.say('hello');
    phone.hangUp();
    told({ type: 'ended', callId: 'c1', reason: 'hangup-user', cause: '' });
    assert.deepEqual([kind(), phone.view.note], ['idle', 'You hung up.']);
    told({ type: 'ringing', callId: 'c2', from: '+15550000000' });
    assert.deepEqual(phone.view.state, { kind: 'ringing', callId: 'c2', from: '+15550000000' });
    phone.answer();
    assert.deepEqual(sent, [
      '{"type":"key","key":"5"}',
      '{"type":"words","text":"hello"}',
      '{"type":"hangup"}',
      '{"type":"answer"}',
    ]);
  });

  it('is typed where nothing can speak, and confirms marks by itself', async () => {
    opened.sound = false;
    await phone.open(true);
    assert.deepEqual(sounded, ['close']);
    assert.equal(phone.view.microphone, null);
    told({ type: 'ready', number: '+1', sound: false, speech: SPEECH });
    told({ type: 'mark', name: 'm' });
    assert.equal(sent.at(-1), '{"type":"played","mark":"m"}');
  });

  it('is typed, and says why, in a browser without sound', async () => {
    hasSound = false;
    await phone.open(true);
    assert.match(phone.view.note ?? '', /no loudspeaker\. Type instead\./);
    assert.equal(phone.view.microphone, null);
  });

  it('says what the Gateway does not want, and is ready again', async () => {
    await connected();
    told({ type: 'ended', callId: 'c1', reason: 'timeout', cause: '' });
    phone.call();
    told({ type: 'error', code: 'VC_X', message: 'All lines are busy', cure: 'Try later.' });
    assert.deepEqual([kind(), phone.view.note], ['idle', 'All lines are busy. Try later.']);
    trouble = new Error('not on the mock carrier');
    phone.close();
    await phone.open(false);
    assert.deepEqual(phone.view.state, { kind: 'off', why: 'not on the mock carrier' });
  });

  it('is off when the line breaks, with everything closed; news of an old line change nothing', async () => {
    await connected();
    const old = socket;
    socket.onClosed();
    assert.deepEqual(phone.view.state, { kind: 'off', why: 'The line to the Gateway broke.' });
    assert.deepEqual(sounded, ['close']);
    await phone.open(false);
    old.onText('{"type":"ended","callId":"c1","reason":"busy","cause":""}');
    old.onSound(new Uint8Array(160));
    old.onClosed();
    assert.equal(kind(), 'opening');
  });

  it('opens nothing any more once it was switched off while it opened', async () => {
    const opening = phone.open(true);
    phone.close();
    await opening;
    await settle();
    assert.deepEqual([kind(), sent, sounded], ['off', [], ['close']]);
  });
});
