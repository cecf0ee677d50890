// Terminal: calm output for people: steps with a tick and their duration, aligned lines, colour only where it is wanted.
import { styleText } from 'node:util';

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What went wrong in one sentence, what to do about it, and the lines that help to understand it. */
export class Trouble extends Error {
  readonly cure: string;
  readonly detail: string;

  constructor(
    message: string,
    cure: string,
    more: { readonly detail?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'Trouble';
    this.cure = cure;
    this.detail = more.detail ?? '';
  }
}

type Style = Parameters<typeof styleText>[0];

const MAX_WIDTH = 100;
/** Where durations end, so that they stand in one column. */
const STEP_WIDTH = 58;

export class Terminal {
  readonly #screen: Screen;
  readonly #isLive: boolean;
  readonly #isColoured: boolean;

  constructor(screen: Screen, env: Readonly<Record<string, string | undefined>>) {
    this.#screen = screen;
    this.#isLive = screen.isTTY === true && !env['CI'];
    this.#isColoured = Boolean(env['FORCE_COLOR']) || (screen.isTTY === true && !env['NO_COLOR']);
  }

  get width(): number {
    return Math.min(this.#screen.columns ?? MAX_WIDTH, MAX_WIDTH);
  }

  line(text = ''): void {
    this.#screen.write(`${text}\n`);
  }

  style(style: Style, text: string): string {
    return this.#isColoured ? styleText(style, text, { validateStream: false }) : text;
  }

  dim(text: string): string {
    return this.style('dim', text);
  }

  /** Shows `title` with the seconds running while `work` runs; `done` may name the result in its place. */
  async step<T>(title: string, work: () => Promise<T>, done?: (result: T) => string): Promise<T> {
    const startedAt = performance.now();
    const ms = (): number => performance.now() - startedAt;
    const show = (): void => this.#replace(`  ${this.dim('…')} ${title}  ${this.dim(seconds(ms()))}`);
    if (this.#isLive) show();
    const ticking = this.#isLive ? setInterval(show, 500) : null;
    try {
      const result = await work();
      this.#finish(this.style('green', '✓'), done ? done(result) : title, ms());
      return result;
    } catch (error) {
      this.#finish(this.style('red', '✗'), title, ms());
      throw error;
    } finally {
      if (ticking) clearInterval(ticking);
    }
  }

  /** One sentence of what went wrong, and one of what helps. */
  trouble(error: unknown): void {
    const { message, cure = '', detail = '' } = error as Partial<Trouble> & { message: string };
    if (detail) this.line(`\n${this.dim(indent(detail, '    '))}`);
    this.line(`\n  ${this.style('red', message)}`);
    if (cure) this.line(indent(cure, '  ').replace(/^ +$/gm, ''));
  }

  #finish(mark: string, title: string, ms: number): void {
    const line = `  ${mark} ${title.padEnd(STEP_WIDTH)} ${this.dim(seconds(ms).padStart(8))}`;
    if (this.#isLive) this.#replace(`${line}\n`);
    else this.line(line);
  }

  #replace(text: string): void {
    this.#screen.write(`\r\u001b[2K${text}`);
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** The text in lines of at most `width` characters, broken between words. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

function indent(text: string, by: string): string {
  return text.replaceAll(/^/gm, by);
}
