// Webhooks: what carriers send us, believed and understood.
import type { Target } from '../target.ts';
import { meaningTarget } from './webhook-meaning.ts';
import { trustTarget } from './webhook-trust.ts';

const NAMES = ['twilio', 'telnyx', 'plivo'] as const;

export const webhookTargets: readonly Target[] = [
  ...NAMES.map((name) => trustTarget(name)),
  ...NAMES.map(meaningTarget),
];
