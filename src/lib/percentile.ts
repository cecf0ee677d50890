// Percentile: the value below which a share of others lies, by nearest rank.

/** `sorted` ascending; `share` above 0, at most 1. Null of nothing. */
export function percentileOf(sorted: readonly number[], share: number): number | null {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? null;
}
