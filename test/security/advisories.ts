// Advisories: every published hole of telephone plugins like ours, as a row that tries it on every carrier.
import type { Advisory } from './advisory.ts';
import { cost } from './cost.ts';
import { identity } from './identity.ts';
import { order } from './order.ts';
import { outside } from './outside.ts';
import { repetition } from './repetition.ts';

export const ADVISORIES: readonly Advisory[] = [...identity, ...cost, ...repetition, ...order, ...outside];
