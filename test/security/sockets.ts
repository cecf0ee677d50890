// Sockets: who may open a media stream, and what one may send: tried with sockets of our own, on a call in progress.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { CarrierStage } from '../conformance/carrier-stage.ts';
import type { CarrierName } from '../conformance/exchanges.ts';
import { type Advisory, inCall, OPEN, onStage, stateOf } from './advisory.ts';
import { bytesOf, knockRaw } from './knock.ts';
import { ADDRESS, addresses, addressOf, closed, starts, upgrade } from './stream-knock.ts';

const STREAMED = { ...OPEN, streaming: {} };
const MEGABYTE = 1_000_000;
/** A call whose stream is open; what is tried on it must not be heard, and the call must go on. */
function inStream(carrier: CarrierName, run: (stage: CarrierStage) => Promise<void>): Promise<void> {
  return inCall(
    carrier,
    async (stage) => {
      const [stream, ...others] = stage.exchange.media.streams;
      assert.ok(stream?.isOpen && others.length === 0, 'one stream is open');
      const before = stateOf(stage);
      await run(stage);
      assert.equal(stateOf(stage), before, 'nothing happened on the call');
      assert.ok(stream.isOpen, 'the genuine stream goes on');
      assert.equal(stage.theirs.isAlive, true);
    },
    STREAMED,
  );
}

/** A call whose stream has just begun: its token is good for some seconds more, but for nobody. */
function justOpened(carrier: CarrierName, run: (stage: CarrierStage) => Promise<void>): Promise<void> {
  return onStage(carrier, STREAMED, async (stage) => {
    stage.dialIn((human) => human.says('One').hangsUp({ afterMs: 6_000 }));
    await stage.until(() => stage.exchange.media.streams[0]?.isOpen === true);
    const began = stage.clock.now();
    await run(stage);
    assert.ok(stage.clock.now() - began < 2_000, 'too early for a token to expire');
    await stage.over();
    assert.ok(stage.heard.includes('You said: One'), 'the genuine stream went on');
  });
}

/** A call that has been told to stream and whose carrier has not come yet. */
function beforeStream(carrier: CarrierName, run: (stage: CarrierStage) => Promise<void>): Promise<void> {
  return onStage(carrier, STREAMED, async (stage) => {
    stage.exchange.media.next({ lateMs: 3_000 }, { times: 1 });
    stage.dialIn((human) => human.says('One').hangsUp({ afterMs: 6_000 }));
    await stage.until(() => addresses(stage).length > 0);
    await run(stage);
  });
}

const changed = (token: string): string => `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;

/** Two calls at once, and the address of each. */
async function crossCall(carrier: CarrierName): Promise<void> {
  await onStage(carrier, STREAMED, async (stage) => {
    stage.exchange.media.next({ lateMs: 4_000 }, { times: 2 });
    stage.dialIn((human) => human.says('One'));
    stage.dialIn((human) => human.says('Two'), '+15550007777');
    await stage.until(() => addresses(stage).length === 2);
    const [one, two] = addresses(stage);
    assert.ok(one && two && one.callId !== two.callId);
    const path = `/voice/stream/${one.callId}/${one.n}/${one.expiry}/${two.token}`;
    assert.equal((await upgrade(stage, path)).status, 401, 'a token is good for its own call only');
  });
}

/** The parameters a carrier gives back are replaced: the token in them is another, or the start names another call. */
async function foreignStart(carrier: CarrierName): Promise<void> {
  await onStage(carrier, STREAMED, async (stage) => {
    stage.exchange.media.next({ parameters: { token: 'A'.repeat(24) } }, { times: 1 });
    stage.dialIn((human) => human.says('One').hangsUp({ afterMs: 9_000 }));
    await stage.until(() => stage.exchange.media.streams[0]?.end !== undefined);
    const [stream] = stage.exchange.media.streams;
    assert.deepEqual([stream?.end?.by, stream?.end?.code], ['plugin', 1008]);
    assert.equal(stage.theirs.ear.text, '', 'it heard nothing of the call');
    await stage.over();
    assert.ok(stage.heard.includes('You said: One'), 'the caller was served all the same');
  });
}

const began = ({ log }: CarrierStage): boolean => log.lines.some(({ text }) => text === 'media stream began');

export const sockets: Readonly<Record<'6' | '12' | '13' | '15' | '16' | '17', Advisory['attempt']>> = {
  '6': async (carrier) => {
    await inStream(carrier, async (stage) => {
      const { callId, n, expiry, token } = addressOf(stage);
      for (const [path, status] of [
        ['/voice/stream', 404],
        ['/voice/stream/', 404],
        [`/voice/stream/${callId}/${n}/${expiry}`, 404],
        [`/voice/other/${callId}/${n}/${expiry}/${token}`, 404],
        [`/voice/webhook`, 404],
        [`/voice/stream/${callId}/${n}/${expiry}/${changed(token)}`, 401],
        [`/voice/stream/${callId}/9/${expiry}/${token}`, 401],
      ] as const)
        assert.equal((await upgrade(stage, path)).status, status, path);
    });
    await beforeStream(carrier, async (stage) => {
      // Who has the token and says nothing may wait for a while, but not for ever, and keeps nobody out.
      const { socket, status } = await upgrade(stage, addressOf(stage).path);
      assert.equal(status, 101);
      const code = closed(stage, socket);
      const began = stage.clock.now();
      assert.equal(await code, 1008);
      assert.ok(stage.clock.now() - began <= 5_000, 'let go in time');
    });
  },
  '12': (carrier) =>
    beforeStream(carrier, async (stage) => {
      const { socket, status } = await upgrade(stage, addressOf(stage).path);
      assert.equal(status, 101);
      socket.send(`{"event":"connected","filler":"${'x'.repeat(MEGABYTE)}"}`);
      assert.equal(await closed(stage, socket), 1009);
      assert.deepEqual(stage.agent.turns, []);
    }),
  '13': async (carrier) => {
    for (const bytes of [10_000, 70_000, MEGABYTE]) {
      await beforeStream(carrier, async (stage) => {
        const { socket } = await upgrade(stage, addressOf(stage).path);
        socket.send('x'.repeat(bytes));
        assert.equal(await closed(stage, socket), 1009, `${bytes} bytes before the start`);
      });
    }
    await beforeStream(carrier, async (stage) => {
      const socket = await starts(carrier, stage, {});
      await stage.until(() => began(stage));
      socket.send('x'.repeat(70_000));
      assert.equal(await closed(stage, socket), 1009, 'after the start as well');
    });
  },
  '15': async (carrier) => {
    await justOpened(carrier, async (stage) => {
      for (let twice = 0; twice < 2; twice++)
        assert.equal((await upgrade(stage, addressOf(stage).path)).status, 403, 'it was used');
    });
    await inStream(carrier, async (stage) => {
      const { path, callId, n, expiry, token } = addressOf(stage);
      assert.equal((await upgrade(stage, path)).status, 403, 'used once already');
      for (const guess of ['A'.repeat(24), changed(token), token.toLowerCase(), token.slice(0, 23)])
        if (guess !== token)
          assert.ok(
            [401, 404].includes(
              (await upgrade(stage, `/voice/stream/${callId}/${n}/${expiry}/${guess}`)).status,
            ),
          );
      const later = (Number.parseInt(expiry, 36) + 600_000).toString(36);
      assert.equal(
        (await upgrade(stage, `/voice/stream/${callId}/${n}/${later}/${token}`)).status,
        401,
        'made to last',
      );
    });
    await crossCall(carrier);
    await beforeStream(carrier, async (stage) => {
      const { path } = addressOf(stage);
      await stage.until(() => stage.theirs.heard.length > 0 || !stage.theirs.isAlive);
      await stage.over();
      assert.equal((await upgrade(stage, path)).status, 403, 'over with the call');
    });
  },
  '16': async (carrier) => {
    const replayed = async (stage: CarrierStage): Promise<void> => {
      const given = addresses(stage);
      for (const letter of [...stage.exchange.letters]) {
        const { body } = await stage.settle(knockRaw(stage.port, bytesOf(letter)));
        for (const [, path = ''] of body.matchAll(new RegExp(ADDRESS, 'g'))) {
          assert.ok(
            given.some((address) => address.path === path),
            'a replay gives the address it gave before',
          );
          for (let twice = 0; twice < 2; twice++) assert.equal((await upgrade(stage, path)).status, 403);
        }
      }
      assert.deepEqual(addresses(stage), given, 'and makes no new one');
    };
    await justOpened(carrier, replayed);
    await inStream(carrier, replayed);
  },
  '17': async (carrier) => {
    await foreignStart(carrier);
    for (const changes of [{ token: 'A'.repeat(24) }, { carrierCallId: 'another' }])
      await beforeStream(carrier, async (stage) => {
        const socket = await starts(carrier, stage, changes);
        const [code, reason] = await stage.settle(once(socket, 'close'));
        assert.deepEqual([code, `${reason}`], [1008, 'Unknown call'], JSON.stringify(changes));
        assert.equal(began(stage), false);
      });
  },
};
