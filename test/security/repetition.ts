// Repetition: the same webhook again, rewritten, or late.
import assert from 'node:assert/strict';
import type { CarrierStage } from '../conformance/carrier-stage.ts';
import type { Letter } from '../conformance/exchange.ts';
import { type Advisory, changesNothing, headerLike, inCall, OPEN, stateOf } from './advisory.ts';
import { bytesOf, type Changes, knock, knockRaw } from './knock.ts';
import { sockets } from './sockets.ts';

/** A carrier that asks may be held for its answer; nobody waits for that here. */
async function brings(stage: CarrierStage, letter: Letter, changes: Changes): Promise<void> {
  knock(stage, letter, changes).catch(() => undefined);
  await stage.until(3_000);
}

/** The same words for the turn the line listens for now: at the latest address, or with the latest state. */
function nowOpen({ exchange, ours }: CarrierStage, { body }: Letter): Changes {
  if (!ours.asks) {
    const states = exchange.asked.map(({ fields }) => fields['client_state']).filter(Boolean);
    const was = /"client_state":"([^"]+)"/.exec(body)?.[1] ?? '';
    return { body: body.replace(was, String(states.at(-1))).replace(/"id":"[^"]+"/, '"id":"another-event"') };
  }
  const [, action = ''] = exchange.spoken.join('').match(/.*\baction="([^"]+)"/s) ?? [];
  const { pathname, search } = new URL(action.replaceAll('&amp;', '&'));
  return { body, target: `${pathname}${search}` };
}

export const repetition: readonly Advisory[] = [
  {
    id: '7 CVE-2026-32053',
    rule: 'the same webhook a hundred times at once gets the same answer, and happens once',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        const before = stateOf(stage);
        for (const letter of [...stage.exchange.letters]) {
          const answers = await Promise.all(
            Array.from({ length: 100 }, () => knockRaw(stage.port, bytesOf(letter))),
          );
          assert.equal(new Set(answers.map(({ body }) => body)).size, 1);
          assert.ok(answers.every(({ status }) => status < 300));
        }
        assert.equal(stateOf(stage), before);
        await stage.stop();
        await stage.start();
        await changesNothing(stage, (letter) => knock(stage, letter), [200, 204]);
      }),
  },
  {
    id: '8 unsigned retry token',
    rule: 'what is not signed does not make a webhook a new one',
    attempt: (carrier) =>
      inCall(carrier, (stage) =>
        changesNothing(
          stage,
          (letter) =>
            knock(stage, letter, { headers: { 'i-twilio-idempotency-token': 'other', 'x-retry': '1' } }),
          [200, 204],
        ),
      ),
  },
  {
    id: '9 openclaw#25832',
    rule: 'a signature written differently makes no new webhook',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const rewrite of [
          (text: string) => text.replaceAll('+', '-').replaceAll('/', '_'),
          (text: string) => text.replace(/=+$/, ''),
          (text: string) => `${text}==`,
          (text: string) => `${text},${text}`,
        ])
          await changesNothing(
            stage,
            (letter) => {
              const [name, value] = headerLike(letter, /signature(-v3|-ed25519)?$/i);
              return knock(stage, letter, { headers: { [name]: rewrite(value) } });
            },
            [200, 204, 401],
          );
      }),
  },
  {
    id: '11 CVE-2026-41395',
    rule: 'a query in another order or spelling makes no new webhook',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const rewrite of [
          (query: string) => query.split('&').toReversed().join('&'),
          (query: string) => (query === '' ? '' : `${query}&${query}`),
          (query: string) => query.replaceAll('i', '%69'),
          (query: string) => `${query}#x`,
        ])
          await changesNothing(
            stage,
            (letter) => {
              const { pathname, search } = new URL(letter.url);
              return knock(stage, letter, { target: `${pathname}?${rewrite(search.slice(1))}` });
            },
            [200, 204, 401, 400],
          );
      }),
  },
  {
    id: '15 openclaw#7001',
    rule: 'an audio socket is let in by a token of its own, once',
    attempt: sockets['15'],
  },
  {
    id: '16 openclaw#87497',
    rule: 'a replay makes no new audio token (replays themselves: row 7)',
    attempt: sockets['16'],
  },
  {
    id: '17 openclaw#102837',
    rule: 'an audio socket shows its token on every carrier',
    attempt: sockets['17'],
  },
  {
    id: '18 openclaw#152579',
    rule: 'late words for an older turn never answer a newer one',
    attempt: (carrier) =>
      inCall(
        carrier,
        async (stage) => {
          const [first, ...others] = stage.exchange.letters.filter(({ body }) => /\bOne\b/.test(body));
          assert.ok(first && others.length === 0, 'the webhook with the first words');
          const heard = (): string => stage.agent.turns.map(({ words }) => words).join();
          await brings(stage, first, { body: first.body.replace(/\bOne\b/, 'Stale') });
          assert.doesNotMatch(heard() + JSON.stringify(stage.ours.transcript), /Stale/);
          // The very same request is taken when it answers the turn that is open: it is the turn that kept it out.
          await brings(
            stage,
            first,
            nowOpen(stage, { ...first, body: first.body.replace(/\bOne\b/, 'Fresh') }),
          );
          assert.match(heard(), /Two,Fresh$/);
        },
        // Without signatures in the way: a carrier that is late signs its words as well.
        { settings: { ...OPEN.settings, skipSignatureVerification: true } },
      ),
  },
];
