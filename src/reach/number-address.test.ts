// Tests of NumberAddress: a tunnel that has another address is told of until the carrier was seen to know it.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { HandClock } from '../../sim/hand-clock.ts';
import { VoiceCallError } from '../lib/errors.ts';
import { Health } from '../lib/health.ts';
import { NumberAddress } from './number-address.ts';
import { PublicAddress } from './public-address.ts';

const A = 'https://a.example/voice/webhook';
const B = 'https://b.example/voice/webhook';
const nothing = (): undefined => undefined;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };

describe('Where our number leads', () => {
  let noted: Map<string, string>;
  let takesCalls: boolean;
  let isFull: boolean;

  beforeEach(() => {
    noted = new Map();
    [takesCalls, isFull] = [true, false];
  });

  /** One process of ours; what was noted outlives it. */
  function start() {
    const clock = new HandClock();
    const health = new Health(clock, quiet);
    const address = new PublicAddress({
      clock,
      localUrl: 'http://127.0.0.1:3334/voice/webhook',
      servePath: '/voice/webhook',
      streamPath: null,
      secret: new Uint8Array(32),
      graceMs: 60_000,
    });
    const notes = {
      note: (name: string) => noted.get(name) ?? null,
      keepNote(name: string, text: string) {
        if (isFull) throw new VoiceCallError('VC_STORE_FAILED', { why: 'disk full', path: '/' });
        noted.set(name, text);
      },
    };
    const number = new NumberAddress({ address, health, log: quiet, notes, takesCalls: () => takesCalls });
    return {
      address,
      number,
      told: () => health.troubles().map(({ subject, code }) => `${subject} ${code}`),
    };
  }

  it('is not known to be wrong at the first address there is', () => {
    const { address, told } = start();
    address.moveTo(A);
    assert.deepEqual(told(), []);
  });

  it('is told of when the address changes, also by a restart, until the carrier knows it', () => {
    start().address.moveTo(A);
    const { address, number, told } = start();
    address.moveTo(B);
    assert.deepEqual(told(), ['number VC_ADDRESS_MOVED']);
    number.confirm(B);
    assert.deepEqual(told(), []);
    const next = start();
    next.address.moveTo(B);
    assert.deepEqual(next.told(), []);
  });

  it('is well again when the address of before comes back, and not while there is none', () => {
    const { address, told } = start();
    address.moveTo(A);
    address.moveTo(B);
    address.lose(new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: 'ngrok', why: 'it ended', cure: 'Wait' }));
    assert.deepEqual(told(), ['number VC_ADDRESS_MOVED']);
    address.moveTo(A);
    assert.deepEqual(told(), []);
  });

  it('is still told of when the carrier named an address that has changed since', () => {
    const { address, number, told } = start();
    address.moveTo(A);
    address.moveTo(B);
    number.confirm(A);
    assert.deepEqual(told(), ['number VC_ADDRESS_MOVED']);
  });

  it('is no trouble any more once the telephone is gone', () => {
    const { address, number, told } = start();
    address.moveTo(A);
    address.moveTo(B);
    number.stop();
    assert.deepEqual(told(), []);
  });

  it('does not matter while nobody may call', () => {
    takesCalls = false;
    const { address, told } = start();
    address.moveTo(A);
    address.moveTo(B);
    assert.deepEqual([told(), noted.size], [[], 0]);
  });

  it('keeps no tunnel from being followed when nothing can be noted', () => {
    isFull = true;
    const { address, told } = start();
    address.moveTo(A);
    assert.deepEqual(told(), []);
  });
});
