// Table: the rows of a result for people: on the terminal, and in docs/performance.md.
import { tableOf } from '../tools/markdown.ts';
import { limitText } from './figures.ts';
import { isRowKept, type Result, type ResultRow } from './result.ts';

/** Three digits that mean something; `-` for what was not measured. */
export function figure(value: number | null): string {
  if (value === null) return '-';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** How many times what it is compared with; empty when it is compared with nothing. */
export function ratioText({ ratio, beside }: ResultRow): string {
  return beside === null ? '' : `${figure(ratio)} x`;
}

export function verdictText(row: ResultRow): string {
  const kept = isRowKept(row);
  return kept === null ? '' : `${kept ? 'kept' : 'MISSED'}: ${limitText(row)}`;
}

/** The one table of the run. */
export function tableLines({ parts, rows, seconds }: Result): readonly string[] {
  const head = `${''.padEnd(94)}    p50     p95     p99   count    ratio  limit`;
  const lineOf = (row: ResultRow): string => {
    const cells = [row.p50, row.p95, row.p99].map((value) => figure(value).padStart(8)).join('');
    const what = `${row.what}${row.unit === 'ms' ? '' : ` (${row.unit})`}`;
    return `  ${what.padEnd(90)}${cells}${`${row.count}`.padStart(8)}${ratioText(row).padStart(9)}  ${verdictText(row)}`.trimEnd();
  };
  return [
    '',
    head,
    ...parts.flatMap(({ name, rounds, notes, failure }) => [
      failure === null ? `${name}, ${rounds} round${rounds === 1 ? '' : 's'}` : `${name}: ${failure}`,
      ...rows.filter(({ part }) => part === name).map(lineOf),
      ...notes.map((note) => `    ${note}`),
    ]),
    '',
    `Ms, where nothing else is said. Ratio: p50 by the p50 of what it stands beside, in the same run. ${seconds} s in all.`,
  ];
}

/** The rows of one part, with what each ratio is to. */
export function partTable({ rows }: Result, part: string): string {
  const whatOf = new Map(rows.map(({ id, what }) => [id, what]));
  return tableOf(
    ['what', 'p50', 'p95', 'p99', 'count', 'ratio', 'limit'],
    rows
      .filter((row) => row.part === part)
      .map((row) => [
        `${row.what}${row.unit === 'ms' ? '' : `, ${row.unit}`}`,
        figure(row.p50),
        figure(row.p95),
        figure(row.p99),
        `${row.count}`,
        row.beside === null ? '' : `${ratioText(row)} ${whatOf.get(row.beside) ?? ''}`.trim(),
        verdictText(row),
      ]),
  );
}
