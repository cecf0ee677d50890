// Float16: numbers of 16 bits (IEEE 754 binary16), which keep the weights at half their size.

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** The nearest number of 16 bits, as its bits; what is too small becomes zero, what is too large is not expected. */
export function float16Of(value: number): number {
  single[0] = value;
  const all = bits[0] as number;
  const sign = (all >>> 16) & 0x8000;
  const exponent = ((all >>> 23) & 0xff) - 112;
  if (exponent >= 31) throw new RangeError(`${value} does not fit into 16 bits`);
  if (exponent <= 0) return sign | Math.round(Math.abs(value) * 2 ** 24);
  const rest = all & 0x1fff;
  const short = (exponent << 10) | ((all & 0x7fffff) >>> 13);
  // To the nearest, and to the even one of two that are equally near.
  const up = rest > 0x1000 || (rest === 0x1000 && (short & 1) === 1);
  return sign | (short + (up ? 1 : 0));
}
