// The plugin in a real Gateway on the mock carrier: installed from its tarball, called through CLI, tool and RPC.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { Home, type View } from './home.ts';

const says = [
  'Hello! My name is Ada. How late is the bakery open today?',
  'Please remind me to buy two loaves of rye.',
  'And who am I?',
];

/** Who spoke after whom. On a slow machine we say that we are looking before we answer: that is one turn. */
function speakers({ transcript }: View): string {
  return transcript
    .map(({ speaker }) => speaker)
    .filter((speaker, at, all) => speaker !== all[at - 1])
    .join(' ');
}

const THREE_TURNS = 'bot user bot user bot user bot';
const ended = (call: View): boolean => typeof call['endReason'] === 'string';

describe('The plugin in a real Gateway, on the mock carrier', () => {
  let home: Home;

  before(async () => {
    const { home: installed, installed: result } = await Home.install();
    home = installed;
    assert.equal(result.code, 0, `${result.stdout}${result.stderr}`);
    await home.start({
      provider: 'mock',
      mock: { says, answerAfterMs: 300, pace: 20 },
      inboundPolicy: 'open',
      maxConcurrentCalls: 3,
      toNumber: '+15550001111',
      numbers: { '+15550000000': { inboundGreeting: 'You have reached the shop.', language: 'en-GB' } },
      tts: { providers: { openai: { voice: 'nova' } } },
    });
  });
  after(() => home?.remove());

  it('is healthy in the eyes of the host', async () => {
    const inspected = await home.openclaw('plugins', 'inspect', 'voice-call', '--runtime', '--json');
    assert.equal(inspected.code, 0, inspected.stderr);
    const report = JSON.stringify(JSON.parse(inspected.stdout));
    assert.match(report, /"status":"loaded"/);
    assert.match(report, /voice_call/);
    const doctor = await home.openclaw('plugins', 'doctor');
    assert.equal(doctor.code, 0, `${doctor.stdout}${doctor.stderr}`);
    assert.doesNotMatch(doctor.stdout, /voice-call.*(error|fail)/i);
  });

  it('stands in the help of OpenClaw and has its skill ready', async () => {
    const help = await home.openclaw('--help');
    assert.match(help.stdout, /voicecall/);
    const skills = await home.openclaw('skills', 'list');
    assert.match(skills.stdout, /voice-call/);
  });

  it('holds a conversation of three turns that the CLI of OpenClaw started', async () => {
    const placed = await home.openclaw('voicecall', 'call', '--message', 'Hello from your agent.');
    assert.equal(placed.code, 0, placed.stderr);
    const { callId } = JSON.parse(placed.stdout) as { callId: string };
    const call = await home.call(callId, ended);
    assert.equal(speakers(call), THREE_TURNS);
    assert.equal(call['endReason'], 'hangup-user');
    assert.match(
      call.transcript.at(-1)?.text ?? '',
      /Ada/,
      'the agent remembers the first turn in the third',
    );
  });

  it('holds a conversation that the agent tool started, and tells the tool how it went', async () => {
    const placed = await home.tool({ action: 'initiate_call', message: 'Hello.', mode: 'conversation' });
    assert.equal(placed['initiated'], true, JSON.stringify(placed));
    const callId = String(placed['callId']);
    await home.call(callId, ended);
    const status = (await home.tool({ action: 'get_status', callId })) as { found: boolean; call: View };
    assert.equal(status.found, true);
    assert.equal(speakers(status.call), THREE_TURNS);
  });

  it('takes a call that comes in, through the quick bin', async () => {
    const rang = await home.voicecall('ring', '--from', '+15550003333', '--say', ...says);
    assert.equal(rang.code, 0, rang.stderr);
    const { callId } = JSON.parse(rang.stdout) as { callId: string };
    const call = await home.call(callId, ended);
    assert.equal(call['direction'], 'inbound');
    assert.equal(call.transcript[0]?.text, 'You have reached the shop.');
    assert.equal(speakers(call), THREE_TURNS);
  });

  it('remembers a caller from one call to the next', async () => {
    const first = home.model.requests.length;
    const { callId } = await home.rpc<View>('voicecall.ring', {
      from: '+15550003333',
      says: ['Hello, who am I?'],
    });
    const call = await home.call(callId, ended);
    assert.match(call.transcript.at(-1)?.text ?? '', /Ada/);
    assert.ok(home.model.requests.length > first);
  });

  it('is driven by hand: continue brings the answer, speak speaks, end ends', async () => {
    // Somebody who has enough to say not to hang up before we do, however slow the machine is.
    const lines = Array.from({ length: 60 }, (_, at) => `This is my line number ${at}.`);
    const { callId } = await home.rpc<View>('voicecall.ring', { from: '+15550001111', says: lines });
    await home.call(callId, (call) => call.state === 'listening' || call.state === 'active');
    const asked = await home.voicecall('continue', '--call-id', callId, '--message', 'Who is there?');
    const answer = JSON.parse(asked.stdout) as { success: boolean; transcript: string };
    assert.equal(answer.success, true);
    assert.ok(lines.includes(answer.transcript), answer.transcript);
    const spoken = await home.rpc('voicecall.speak', { callId, message: 'Good to know.' });
    assert.deepEqual(spoken, { success: true });
    const pressed = await home.voicecall('dtmf', '--call-id', callId, '--digits', '1,2#');
    assert.deepEqual(JSON.parse(pressed.stdout), { success: true });
    const over = await home.voicecall('end', '--call-id', callId);
    assert.deepEqual(JSON.parse(over.stdout), { success: true });
    const call = await home.call(callId, ended);
    assert.equal(call['endReason'], 'hangup-bot');
    const late = await home.voicecall('speak', '--call-id', callId, '--message', 'Hello?');
    assert.equal(late.code, 1);
    assert.match(late.stderr, /^[^\n]*call is not active[^\n]*\n$/, 'one line, no stack trace');
  });

  it('apologises to the caller when the model fails, and goes on', async () => {
    home.model.setFault('fail');
    const { callId } = await home.rpc<View>('voicecall.ring', {
      from: '+15550004444',
      says: ['Hello?', 'Again?'],
    });
    const sorry = (call: View): boolean =>
      call.transcript.some(({ text }) => text.startsWith('Sorry, I could'));
    await home.call(callId, sorry);
    home.model.setFault(null);
    const call = await home.call(callId, ended);
    assert.equal(speakers(call).endsWith('user bot'), true, speakers(call));
  });

  it('says what is wrong while its store is held by somebody else, and needs no restart after', async () => {
    const health = async (): Promise<readonly { code: string; cure: string }[]> =>
      (await home.rpc<{ health: { code: string; cure: string }[] }>('voicecall.status', {})).health;
    assert.deepEqual(await health(), []);
    const other = new DatabaseSync(path.join(home.stateDir, 'voice-calls', 'calls.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    const refused = await home.voicecall('start', '--to', '+15550001111');
    const [trouble] = await health();
    other.close();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /call store could not be written/);
    assert.equal(trouble?.code, 'VC_STORE_FAILED');
    assert.match(trouble?.cure ?? '', /Free disk space or correct the permissions/);
    await home.logged(/not well subject=store code=VC_STORE_FAILED/);
    const { callId } = await home.rpc<View>('voicecall.start', { to: '+15550001111' });
    await home.rpc('voicecall.end', { callId });
    assert.deepEqual(await health(), []);
    await home.logged(/well again subject=store/);
  });

  it('finds every call again after the Gateway was restarted, and with no Gateway at all', async () => {
    const { calls } = await home.rpc<{ calls: View[] }>('voicecall.status', { limit: 50 });
    const [latest] = calls;
    assert.ok(latest);
    await home.stop();
    assert.ok(existsSync(path.join(home.stateDir, 'voice-calls', 'calls.sqlite')));
    const offline = await home.voicecall('status', '--call-id', latest.callId, '--json');
    assert.equal(offline.code, 0, offline.stderr);
    const found = JSON.parse(offline.stdout) as { callId?: string; call?: View };
    assert.equal(found.call?.callId ?? found.callId, latest.callId);
    const refused = await home.voicecall('call', '--message', 'Hello?');
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /No OpenClaw Gateway answers.*openclaw gateway run/);
  });
});
