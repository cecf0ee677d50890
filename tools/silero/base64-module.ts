// Base64 module: bytes as a TypeScript file, so that they are bundled like everything else.

/** Long enough that a file stays within some hundred lines, short enough for every editor. */
const LINE = 2_000;

export interface Base64Module {
  readonly name: string;
  /** Lines of comment. */
  readonly head: readonly string[];
  readonly bytes: Uint8Array;
}

export function base64Module({ name, head, bytes }: Base64Module): string {
  const text = Buffer.from(bytes).toString('base64');
  const lines = Array.from({ length: Math.ceil(text.length / LINE) }, (_, i) =>
    text.slice(i * LINE, (i + 1) * LINE),
  );
  return [
    ...head.map((line) => `// ${line}`),
    '',
    `export const ${name} = [`,
    ...lines.map((line) => `  '${line}',`),
    "].join('');",
    '',
  ].join('\n');
}
