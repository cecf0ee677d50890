// Onnx: as much of the ONNX file format (a protocol buffer) as is needed to take the weights out of a model.

/** One node of the graph. */
export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttribute>;
}

export interface OnnxAttribute {
  readonly ints: readonly number[];
  readonly tensor: OnnxTensor | null;
  readonly graph: OnnxGraph | null;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Null where the tensor holds something else than 32-bit floats. */
  readonly values: Float32Array | null;
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, OnnxTensor>;
}

/** The graph of a model file. */
export function readOnnx(file: Uint8Array): OnnxGraph {
  return graphOf(only(fieldsOf(file), 7));
}

/** Numbers of fields, as onnx.proto names them. */
const FLOAT = 1;

type Field = { readonly number: number; readonly value: number | Uint8Array };

function fieldsOf(bytes: Uint8Array): readonly Field[] {
  const fields: Field[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new Error('the model file is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = key >> 3;
    const kind = key & 7;
    if (kind === 0) fields.push({ number, value: varint() });
    else if (kind === 2) {
      const length = varint();
      fields.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    } else if (kind === 5) {
      fields.push({ number, value: view.getFloat32(at, true) });
      at += 4;
    } else if (kind === 1) {
      fields.push({ number, value: view.getFloat64(at, true) });
      at += 8;
    } else throw new Error(`unknown kind of field: ${kind}`);
  }
  return fields;
}

function all(fields: readonly Field[], number: number): readonly Uint8Array[] {
  return fields.flatMap((field) =>
    field.number === number && typeof field.value !== 'number' ? [field.value] : [],
  );
}

function only(fields: readonly Field[], number: number): Uint8Array {
  return all(fields, number)[0] ?? new Uint8Array(0);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Whole numbers stand one by one or packed together. */
function numbers(fields: readonly Field[], number: number): readonly number[] {
  return fields.flatMap((field) => {
    if (field.number !== number) return [];
    return typeof field.value === 'number' ? [field.value] : unpacked(field.value);
  });
}

function unpacked(bytes: Uint8Array): readonly number[] {
  const values: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (byte >= 0x80) continue;
    values.push(value);
    value = 0;
    factor = 1;
  }
  return values;
}

function graphOf(bytes: Uint8Array): OnnxGraph {
  const fields = fieldsOf(bytes);
  const tensors = all(fields, 5).map(tensorOf);
  return {
    nodes: all(fields, 1).map(nodeOf),
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
  };
}

function nodeOf(bytes: Uint8Array): OnnxNode {
  const fields = fieldsOf(bytes);
  return {
    op: text(only(fields, 4)),
    inputs: all(fields, 1).map(text),
    outputs: all(fields, 2).map(text),
    attributes: new Map(all(fields, 5).map(attributeOf)),
  };
}

function attributeOf(bytes: Uint8Array): readonly [string, OnnxAttribute] {
  const fields = fieldsOf(bytes);
  const tensor = only(fields, 5);
  const graph = only(fields, 6);
  const attribute = {
    ints: [...numbers(fields, 3), ...numbers(fields, 8)],
    tensor: tensor.length > 0 ? tensorOf(tensor) : null,
    graph: graph.length > 0 ? graphOf(graph) : null,
  };
  return [text(only(fields, 1)), attribute];
}

function tensorOf(bytes: Uint8Array): OnnxTensor {
  const fields = fieldsOf(bytes);
  const raw = only(fields, 9);
  const isFloat = numbers(fields, 2)[0] === FLOAT;
  return {
    name: text(only(fields, 8)),
    shape: numbers(fields, 1),
    values: isFloat ? new Float32Array(Uint8Array.from(raw).buffer) : null,
  };
}
