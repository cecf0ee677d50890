// describeCarrier: the cells of one carrier as tests; a cell that makes no sense stands in the printed table, with its reason.
import { describe, it } from 'node:test';
import { CELLS, FAULTS, playCell } from './cells.ts';
import type { CarrierName } from './exchanges.ts';

export function describeCarrier(carrier: CarrierName): void {
  for (const fault of FAULTS) {
    const cells = CELLS.filter((cell) => cell.carrier === carrier && cell.fault === fault && !cell.senseless);
    describe(`${carrier}, fault: ${fault}`, () => {
      for (const cell of cells) {
        it(`the story "${cell.story.name}" is told as on every carrier`, async () => {
          await playCell(cell);
        });
      }
    });
  }
}
