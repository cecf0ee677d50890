// Cost: what a stranger may make us spend before we know who they are.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { CarrierStage } from '../conformance/carrier-stage.ts';
import type { Letter } from '../conformance/exchange.ts';
import { type Advisory, changesNothing, inCall } from './advisory.ts';
import { knock, knockRaw, statusOf } from './knock.ts';
import { sockets } from './sockets.ts';

/** A request whose body never comes, or only drop by drop. */
interface HalfSent {
  /** What it was answered; null while it was not. */
  status(): number | null;
  drip(): void;
  leave(): void;
}

/** The heads are genuine, with the carrier's own signature: nothing but their bodies is missing. */
async function halfSent(stage: CarrierStage, letter: Letter, many: number): Promise<readonly HalfSent[]> {
  const { pathname, search } = new URL(letter.url);
  const headers = Object.entries(letter.headers).filter(([name]) => !/content-length/i.test(name));
  const head = [`POST ${pathname}${search} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (!headers.some(([name]) => /^host$/i.test(name))) head.push('host: voice.example.test');
  const bytes = `${head.join('\r\n')}\r\ncontent-length: 900\r\n\r\nhalf`;
  const requests = await Promise.all(Array.from({ length: many }, () => begun(stage.port, bytes)));
  await stage.exchange.idle();
  return requests;
}

function begun(port: number, bytes: string): Promise<HalfSent> {
  let answer = '';
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (part: string) => {
    answer += part;
  });
  const request: HalfSent = {
    status: () => statusOf(answer),
    drip: () => void (socket.writable && socket.write('.')),
    leave: () => socket.destroy(),
  };
  return new Promise((resolve) => socket.write(bytes, () => resolve(request)));
}

/** A body that comes a byte a second is as late as one that does not come. */
async function timesOut(stage: CarrierStage, letter: Letter): Promise<void> {
  const [silent, dripping] = await halfSent(stage, letter, 2);
  assert.ok(silent && dripping);
  for (let second = 0; second < 4; second++) {
    await stage.until(1_000);
    dripping.drip();
    await stage.exchange.idle();
  }
  await stage.until(900);
  assert.deepEqual([silent.status(), dripping.status()], [null, null], 'not before its time');
  await stage.until(200);
  assert.deepEqual([silent.status(), dripping.status()], [408, 408]);
  silent.leave();
  dripping.leave();
}

export const cost: readonly Advisory[] = [
  {
    id: '5 CVE-2026-28478',
    rule: 'a body is at most 64 KB, and there within 5 s',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        await changesNothing(
          stage,
          (letter) => knock(stage, letter, { body: 'x'.repeat(1_000_000) }),
          [413, 0],
        );
        const [letter] = stage.exchange.letters;
        assert.ok(letter);
        await timesOut(stage, letter);
        await changesNothing(stage, (one) => knock(stage, one), [200, 204]);
      }),
  },
  {
    id: '6 CVE-2026-32062',
    rule: 'a socket is known before it is upgraded, and lets go when it says nothing',
    attempt: sockets['6'],
  },
  {
    id: '10 GHSA-rm59-992w-x2mv',
    rule: 'nothing is read before the head was checked; half-sent bodies never lock out an honest webhook',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        const [letter] = stage.exchange.letters;
        assert.ok(letter);
        const unfinished = await halfSent(stage, letter, 12);
        await changesNothing(stage, (one) => knock(stage, one), [200, 204]);
        for (const request of unfinished) request.leave();
        const noSignature = `POST /voice/webhook HTTP/1.1\r\nhost: x\r\ncontent-length: 900\r\n\r\n`;
        assert.equal((await stage.settle(knockRaw(stage.port, noSignature))).status, 401);
      }),
  },
  { id: '12 CVE-2026-41400', rule: 'a frame is small before the start', attempt: sockets['12'] },
  { id: '13 CVE-2026-42437', rule: 'every socket has the same cap', attempt: sockets['13'] },
];
