// Media: what comes on media streams: frames one by one, and whole streams.
import { mediaCodecs } from '../../../src/carrier/codecs.ts';
import type { Target } from '../target.ts';
import { frameTarget } from './media-frames.ts';
import { streamTarget } from './media-streams.ts';
import { WIRES } from './media-wires.ts';

export const mediaTargets: readonly Target[] = [
  ...[...mediaCodecs.keys()].filter((name) => Object.hasOwn(WIRES, name)).map((name) => frameTarget(name)),
  ...Object.keys(WIRES).map(streamTarget),
];
