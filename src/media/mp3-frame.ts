// Mp3 frame: the header of one frame of MPEG audio layer III, versions 1, 2 and 2.5 (ISO/IEC 11172-3 and 13818-3).

export interface Frame {
  /** Its length with the header. */
  readonly bytes: number;
  readonly sampleRate: number;
  readonly isMono: boolean;
  readonly isVersion1: boolean;
  readonly hasCheck: boolean;
}

/** kbit/s by index; 0 ("free") is not supported. */
const RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] as const;
const RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160] as const;
const HZ = [44_100, 48_000, 32_000] as const;
const LAYER_3 = 1;
/** By the two bits of the version: 2.5, reserved, 2, 1. */
const DIVISORS = [4, 0, 2, 1] as const;

/** What begins at `at`, where four bytes are at least; null when it is no frame. */
export function frameAt(bytes: Uint8Array, at: number): Frame | null {
  const [first, second, third, fourth] = bytes.subarray(at, at + 4);
  if (first !== 0xff || second === undefined || third === undefined || fourth === undefined) return null;
  if ((second & 0xe0) !== 0xe0 || ((second >> 1) & 3) !== LAYER_3) return null;
  const divisor = DIVISORS[((second >> 3) & 3) as 0 | 1 | 2 | 3];
  const isVersion1 = divisor === 1;
  const kbits = (isVersion1 ? RATES_1 : RATES_2)[third >> 4] ?? 0;
  const hz = HZ[(third >> 2) & 3];
  if (divisor === 0 || kbits === 0 || hz === undefined) return null;
  const sampleRate = hz / divisor;
  const padding = (third >> 1) & 1;
  return {
    bytes: Math.floor(((isVersion1 ? 144 : 72) * kbits * 1_000) / sampleRate) + padding,
    sampleRate,
    isMono: fourth >> 6 === 3,
    isVersion1,
    hasCheck: (second & 1) === 0,
  };
}

/** Two frames of one stream: only rate of bits, padding and the way of being stereo may change. */
export function isAlike(a: Frame, b: Frame): boolean {
  return a.sampleRate === b.sampleRate && a.isVersion1 === b.isVersion1 && a.isMono === b.isMono;
}

/** A first frame may hold notes of the encoder instead of sound: "Xing" or "Info" behind the side information. */
export function isInfo(bytes: Uint8Array, frame: Frame): boolean {
  const [mono, stereo] = frame.isVersion1 ? [17, 32] : [9, 17];
  const side = frame.isMono ? mono : stereo;
  const at = 4 + (frame.hasCheck ? 2 : 0) + side;
  const name = String.fromCharCode(...bytes.subarray(at, at + 4));
  return name === 'Xing' || name === 'Info';
}
