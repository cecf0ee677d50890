// Identity: who may call us, and whose webhooks we believe.
import assert from 'node:assert/strict';
import { telnyxCarrier } from '../../src/carrier/telnyx/index.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { ALICE, type CarrierStage, PUBLIC_URL, type StageOptions } from '../conformance/carrier-stage.ts';
import type { CarrierName } from '../conformance/exchanges.ts';
import { type Advisory, changesNothing, inCall, OPEN, onStage } from './advisory.ts';
import { knock } from './knock.ts';

const FORWARDED = {
  forwarded: 'host=voice.example.test;proto=https',
  'x-forwarded-host': 'voice.example.test',
  'x-forwarded-proto': 'https',
  'ngrok-forwarded-host': 'voice.example.test',
};

const ACCOUNTS: Readonly<Record<CarrierName, Readonly<Record<string, string>>>> = {
  twilio: { accountSid: 'AC0123', authToken: 'token' },
  telnyx: { apiKey: 'KEY', connectionId: '1', publicKey: 'Ndc1aP8bzqYlqHCEl1C3fLj7qQ+Yf8TsDDl3OJCWcaE=' },
  plivo: { authId: 'MA0123', authToken: 'token' },
};

/** Whether the telephone would start with this account. */
function configured(carrier: CarrierName, account: object): boolean {
  const raw = { provider: carrier, fromNumber: ALICE, publicUrl: PUBLIC_URL, [carrier]: account };
  return parseConfig(raw, {}).ok;
}

function malformedKeys(): void {
  const options = {
    apiKey: 'KEY',
    connectionId: '1',
    apiBaseUrl: null,
    address: { webhookUrl: PUBLIC_URL, streamUrl: null },
  };
  const { publicKey: genuine = '' } = ACCOUNTS.telnyx;
  telnyxCarrier({ ...options, publicKey: genuine });
  for (const publicKey of ['', 'abc', 'AAAA', `${genuine}A`, '-----BEGIN PUBLIC KEY-----'])
    assert.throws(() => telnyxCarrier({ ...options, publicKey }), publicKey);
}

/** Every webhook of a caller is signed with a key that is not the account's. */
async function strangerSigns(stage: CarrierStage): Promise<void> {
  stage.exchange.switchOn('foreign key');
  stage.dialIn((human) => human.says('Hello?').givesUpAfter(20_000));
  await stage.over();
  assert.ok(stage.exchange.strikes() > 0);
  assert.deepEqual([stage.records, stage.agent.turns, stage.exchange.asked], [[], [], []]);
}

export const identity: readonly Advisory[] = [
  {
    id: '1 CVE-2026-28446',
    rule: 'a caller is on the allowlist exactly, or not at all',
    attempt: async (carrier) => {
      for (const from of [
        '',
        'anonymous',
        '+',
        '5550001234',
        '+4415550001234',
        '+155500012345',
        'sip:+15550001234@x',
        '+１５５５０００１２３４',
      ]) {
        const options: StageOptions = { settings: { inboundPolicy: 'allowlist', allowFrom: [ALICE] } };
        await onStage(carrier, options, async (stage) => {
          stage.dialIn((human) => human.says('Hello?').givesUpAfter(20_000), from);
          await stage.over();
          assert.deepEqual([stage.theirs.answeredAt, stage.agent.turns], [undefined, []], from);
        });
      }
    },
  },
  {
    id: '2 CVE-2026-28465',
    rule: 'forwarding headers of strangers prove nothing',
    attempt: (carrier) =>
      inCall(carrier, (stage) =>
        changesNothing(
          stage,
          (letter) => knock(stage, letter, { body: `${letter.body} `, headers: FORWARDED }),
          [401],
        ),
      ),
  },
  {
    id: '3 CVE-2026-26319',
    rule: 'no key, no start; a malformed key neither; and another key is believed nothing',
    attempt: async (carrier) => {
      assert.equal(configured(carrier, {}), false);
      assert.equal(configured(carrier, ACCOUNTS[carrier]), true);
      // A token of Twilio or Plivo is any text, so that only one that is not there can be seen to be wrong.
      for (const key of Object.keys(ACCOUNTS[carrier]))
        for (const wrong of ['', { source: 'env', provider: 'default', id: 'NOT_SET' }])
          assert.equal(configured(carrier, { ...ACCOUNTS[carrier], [key]: wrong }), false, key);
      if (carrier === 'telnyx') malformedKeys();
      await onStage(carrier, OPEN, strangerSigns);
    },
  },
  {
    id: '4 GHSA-c37p-4qqg-3p76',
    rule: 'a wrong signature is refused on loopback and behind every tunnel',
    attempt: (carrier) =>
      inCall(carrier, async (stage) => {
        for (const host of ['127.0.0.1', 'localhost', 'x.ngrok-free.app', 'x.trycloudflare.com', 'x.ts.net'])
          await changesNothing(
            stage,
            (letter) => knock(stage, letter, { body: `${letter.body}x`, headers: { host, ...FORWARDED } }),
            [401],
          );
      }),
  },
  {
    id: '19 openclaw#12541',
    rule: 'skipping the signature is refused unless everything is loopback',
    attempt: async (carrier) => {
      const parsed = parseConfig(
        { provider: carrier, fromNumber: ALICE, publicUrl: PUBLIC_URL, skipSignatureVerification: true },
        {},
      );
      assert.ok(!parsed.ok);
      assert.match(parsed.problems.join(), /skipSignatureVerification is refused/);
    },
  },
];
