// Wasi: runs a command compiled to WASI in memory: arguments in, the one file it writes out; it sees nothing else.
// What it asks for is named in the WASI preview 1 document; numbers are the errno values and sizes of that document.

/** What we use of it: the compiler's own library names it only for browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasiCommand;
  readonly Instance: new (module: WasiCommand, imports: object) => { readonly exports: object };
};
export type WasiCommand = object;

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly _start: () => void;
}

const OK = 0;
const BAD_FILE = 8;
/** The descriptor of the folder that is promised to the program, and of the file it writes there. */
const FOLDER = 3;
const OUTPUT = 4;
const REGULAR_FILE = 4;
const DIRECTORY = 3;
const ALL_RIGHTS = 0xffff_ffff_ffff_ffffn;

class Exited extends Error {}

export function wasiCommand(bytes: Uint8Array): WasiCommand {
  return new WebAssembly.Module(bytes);
}

/** Runs it to its end and gives what it wrote to its file, whatever it called it; empty when nothing. */
export function runWasi(command: WasiCommand, args: readonly string[]): Uint8Array {
  const output = new Output();
  const world = worldOf(args, output, () => view(exports.memory.buffer));
  const exports = new WebAssembly.Instance(command, { wasi_snapshot_preview1: world }).exports as Exports;
  try {
    exports._start();
  } catch (error) {
    if (!(error instanceof Exited)) throw error;
  }
  return output.bytes;
}

function view(buffer: ArrayBuffer): { readonly data: DataView; readonly bytes: Uint8Array } {
  return { data: new DataView(buffer), bytes: new Uint8Array(buffer) };
}

/** A file in memory that can be written anywhere. */
class Output {
  #bytes = new Uint8Array(64 * 1_024);
  #length = 0;
  #at = 0;

  get bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  write(part: Uint8Array): void {
    const end = this.#at + part.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#at);
    this.#at = end;
    this.#length = Math.max(this.#length, end);
  }

  /** `whence` 0: from the beginning, 1: from here, 2: from the end. */
  seek(offset: number, whence: number): number {
    const from = [0, this.#at, this.#length][whence] ?? 0;
    this.#at = Math.max(0, from + offset);
    return this.#at;
  }
}

type Memory = () => ReturnType<typeof view>;
type Call = (...args: never[]) => number;

function worldOf(args: readonly string[], output: Output, memory: Memory): Readonly<Record<string, Call>> {
  return {
    ...argumentCalls(args, memory),
    ...fileCalls(output, memory),
    clock_time_get: (_id: number, _precision: bigint, at: number): number => {
      // Nothing that is spoken depends on the time.
      memory().data.setBigUint64(at, 0n, true);
      return OK;
    },
    proc_exit: (): number => {
      throw new Exited();
    },
  };
}

function argumentCalls(args: readonly string[], memory: Memory): Readonly<Record<string, Call>> {
  const encoded = args.map((arg) => Buffer.from(`${arg}\0`, 'utf8'));
  return {
    args_sizes_get: (count: number, size: number): number => {
      const { data } = memory();
      data.setUint32(count, encoded.length, true);
      data.setUint32(
        size,
        encoded.reduce((sum, { length }) => sum + length, 0),
        true,
      );
      return OK;
    },
    args_get: (pointers: number, texts: number): number => {
      const { data, bytes } = memory();
      let at = texts;
      for (const [index, arg] of encoded.entries()) {
        data.setUint32(pointers + 4 * index, at, true);
        bytes.set(arg, at);
        at += arg.length;
      }
      return OK;
    },
  };
}

function fileCalls(output: Output, memory: Memory): Readonly<Record<string, Call>> {
  return {
    fd_prestat_get: (fd: number, at: number): number => {
      if (fd !== FOLDER) return BAD_FILE;
      const { data } = memory();
      data.setUint32(at, 0, true);
      data.setUint32(at + 4, 1, true);
      return OK;
    },
    fd_prestat_dir_name: (_fd: number, at: number): number => {
      memory().bytes[at] = '/'.charCodeAt(0);
      return OK;
    },
    fd_fdstat_get: (fd: number, at: number): number => {
      const { data, bytes } = memory();
      bytes.fill(0, at, at + 24);
      bytes[at] = fd === FOLDER ? DIRECTORY : REGULAR_FILE;
      data.setBigUint64(at + 8, ALL_RIGHTS, true);
      data.setBigUint64(at + 16, ALL_RIGHTS, true);
      return OK;
    },
    fd_fdstat_set_flags: () => OK,
    fd_close: () => OK,
    fd_read: (_fd: number, _vectors: number, _count: number, read: number): number => {
      memory().data.setUint32(read, 0, true);
      return OK;
    },
    path_open: (...asked: number[]): number => {
      memory().data.setUint32(asked[8] ?? 0, OUTPUT, true);
      return OK;
    },
    fd_seek: (fd: number, offset: bigint, whence: number, at: number): number => {
      const to = fd === OUTPUT ? output.seek(Number(offset), whence) : 0;
      memory().data.setBigUint64(at, BigInt(to), true);
      return OK;
    },
    fd_write: (fd: number, vectors: number, count: number, written: number): number => {
      const { data, bytes } = memory();
      let total = 0;
      for (let index = 0; index < count; index++) {
        const from = data.getUint32(vectors + 8 * index, true);
        const length = data.getUint32(vectors + 8 * index + 4, true);
        if (fd === OUTPUT) output.write(bytes.subarray(from, from + length));
        total += length;
      }
      data.setUint32(written, total, true);
      return OK;
    },
  };
}
