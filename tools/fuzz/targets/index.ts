// Targets: everything that is fuzzed, in the order of the report.
import type { Target } from '../target.ts';
import { commandTargets } from './command-line.ts';
import { configTargets } from './config.ts';
import { journalTargets } from './journal.ts';
import { listenerTargets } from './listener.ts';
import { mediaTargets } from './media.ts';
import { replyTargets } from './replies.ts';
import { requestTargets } from './requests.ts';
import { webhookTargets } from './webhooks.ts';

export const targets: readonly Target[] = [
  ...webhookTargets,
  ...listenerTargets,
  ...mediaTargets,
  ...configTargets,
  ...commandTargets,
  ...replyTargets,
  ...requestTargets,
  ...journalTargets,
];
