// Tests of telephone.ts: what the host may say while it stops us.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type ServiceContext, Telephone } from './telephone.ts';

type Api = ConstructorParameters<typeof Telephone>[0];

it('An edit that comes while the telephone stops begins no other one; after the next start it counts', async () => {
  const warned: string[] = [];
  const quiet = (): void => undefined;
  const logger = { debug: quiet, info: quiet, error: quiet, warn: (text: string) => warned.push(text) };
  const api: unknown = { logger, runtime: { config: { current: () => ({}) } } };
  const configured = (config: object): ServiceContext['config'] => {
    const host: unknown = { plugins: { entries: { 'voice-call': { config } } } };
    return host as ServiceContext['config'];
  };
  const context: unknown = { config: configured({ enabled: false }) };
  const broken = configured({ enabled: true, provider: 'nobody' });
  const telephone = new Telephone(api as Api);
  await telephone.start(context as ServiceContext);

  const stopping = telephone.stop();
  telephone.changed(broken);
  await stopping;
  await new Promise(setImmediate);
  assert.deepEqual(warned, []);

  await telephone.start(context as ServiceContext);
  telephone.changed(broken);
  await new Promise(setImmediate);
  assert.match(warned.join(), /the telephone is not started/);
  await telephone.stop();
});
