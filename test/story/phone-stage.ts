// PhoneStage: the mock carrier with test phones, on real sockets, a real line thread and the real clock.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { liveHere } from '../../sim/live-here.ts';
import { TestPhone } from '../../sim/test-phone.ts';
import { type App, type LiveAudio, startApp } from '../../src/app.ts';
import type { Call } from '../../src/call/call.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { AgentTurn } from '../../src/conversation/ports.ts';
import type { TestPhones } from '../../src/handset/phones.ts';
import { steadyClock, systemClock } from '../../src/lib/clock.ts';
import { newUuid } from '../../src/lib/ids.ts';
import { startLastingLine } from '../../src/line/lasting.ts';
import { KeptLog, ownerAmong, plainSettings, ScriptedAgent } from './line.ts';

export interface PhoneStageOptions {
  readonly settings?: Partial<Settings>;
  readonly answer?: (turn: AgentTurn) => string | Promise<string>;
  /** Voices in word-code; false: nothing here can speak. */
  readonly hasVoices?: boolean;
}

export interface PhoneStage {
  readonly app: App;
  readonly phones: TestPhones;
  readonly log: KeptLog;
  readonly agent: ScriptedAgent;
  /** Where sockets connect, without a ticket. */
  readonly origin: string;
  open(wanted?: { readonly sound: boolean }): Promise<TestPhone>;
  call(id: string): Call;
}

/** In a thread of its own, as in the Gateway; its voices are told apart from silence there. */
function liveAudio(): LiveAudio {
  return { ...liveHere(steadyClock), openLine: startLastingLine };
}

export async function phoneStage(test: TestContext, options: PhoneStageOptions = {}): Promise<PhoneStage> {
  const { settings, answer = ({ words }) => `You said: ${words}`, hasVoices = true } = options;
  const storeDir = mkdtempSync(join(tmpdir(), 'voice-call-phone-'));
  const log = new KeptLog();
  const agent = new ScriptedAgent(answer);
  const app = await startApp({
    settings: { ...plainSettings, inboundGreeting: 'Hello.', ...settings },
    clock: systemClock,
    log,
    agent,
    live: hasVoices ? liveAudio() : null,
    storeDir,
    newId: newUuid,
    ownerAgent: ownerAmong(undefined),
    tell: () => undefined,
  });
  const { testPhones: phones } = app;
  assert.ok(phones);
  const gateway = createServer((_request, response) => response.writeHead(404).end());
  gateway.on('upgrade', (message, socket, head) => phones.upgrade(message, socket, head));
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  const origin = `ws://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  const opened: TestPhone[] = [];
  test.after(async () => {
    for (const phone of opened) phone.hangUp();
    await app.stop();
    gateway.close();
    rmSync(storeDir, { recursive: true, force: true });
  });
  return {
    app,
    phones,
    log,
    agent,
    origin,
    async open(wanted = { sound: true }) {
      const phone = await TestPhone.open(`${origin}${phones.open(wanted).url}`);
      opened.push(phone);
      return phone;
    },
    call(id) {
      const call = app.phone.find(id);
      assert.ok(call, `no call ${id}`);
      return call;
    },
  };
}
