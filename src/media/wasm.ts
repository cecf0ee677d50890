// Wasm: WebAssembly modules that are part of this repository as text: compiled when first needed, without a wait.

/** What we use of it: the compiler's own library names it only for browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: object };
};
type WasmModule = object;

export interface WasmMemory {
  /** Another one after the memory grew. */
  readonly buffer: ArrayBuffer;
}

/**
 * Gives new instances of the module, which asks for no imports. `Exports` is what its source offers: nothing checks
 * it at run time, as bytes and source are both ours.
 */
export function wasmOf<Exports>(base64: string): () => Exports {
  let compiled: WasmModule | null = null;
  return () => {
    compiled ??= new WebAssembly.Module(Buffer.from(base64, 'base64'));
    return new WebAssembly.Instance(compiled, {}).exports as Exports;
  };
}
