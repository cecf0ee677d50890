// VoiceService: all that verbs need of a running telephone, for tests and tools that care only for its phone.
import type { Clock } from '../src/lib/clock.ts';
import { Continues } from '../src/operation/continues.ts';
import type { VoiceService } from '../src/operation/verb.ts';
import type { Phone } from '../src/runtime/phone.ts';
import { allWell } from './fake-phone.ts';

/** Well, without test phones; calls are messages, unless told otherwise, and none goes to a number of its own accord. */
export function voiceService(phone: Phone, clock: Clock): VoiceService {
  return {
    phone,
    health: allWell,
    watch: () => undefined,
    defaults: { toNumber: null, mode: 'notify', transcriptTimeoutMs: 1_000 },
    continues: new Continues(clock, () => 'op-1'),
    testPhones: null,
  };
}
