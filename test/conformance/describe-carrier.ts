// describeCarrier: the cells of one carrier as tests; a cell that makes no sense is skipped with its reason.
import { describe, it } from 'node:test';
import { CELLS, FAULTS, playCell } from './cells.ts';
import type { CarrierName } from './exchanges.ts';

export function describeCarrier(carrier: CarrierName): void {
  for (const fault of FAULTS) {
    describe(`${carrier}, fault: ${fault}`, () => {
      for (const cell of CELLS.filter((one) => one.carrier === carrier && one.fault === fault)) {
        const skip = cell.senseless ?? false;
        it(`the story "${cell.story.name}" is told as on every carrier`, { skip }, async () => {
          await playCell(cell);
        });
      }
    });
  }
}
