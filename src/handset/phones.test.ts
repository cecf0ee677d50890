// Tests of phones.ts: sockets that are turned away.
import assert from 'node:assert/strict';
import { Duplex } from 'node:stream';
import { it } from 'node:test';
import { refuseUpgrade } from './phones.ts';

it('A socket that breaks while it is turned away breaks nothing else', async () => {
  const socket = new Duplex({
    read: () => undefined,
    write: (_chunk, _encoding, done) => done(new Error('read ECONNRESET')),
  });
  refuseUpgrade(socket, 503);
  await new Promise((closed) => socket.on('close', closed));
  assert.equal(socket.destroyed, true);
});
