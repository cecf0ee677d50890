// Tests of the MP3 reader: both versions of the format, any cut, broken files; and where its decoder comes from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mp3Reader } from './mp3.ts';
import { MP3_WASM } from './mp3-wasm.ts';

/** 0.3 s of 1000 Hz, 24 kHz mono, 32 kbit/s, with a tag and notes of the encoder: made by ffmpeg's sine source. */
const MONO = bytesOf(
  'SUQzAwAAAAAAM1RJVDIAAAAGAAAAdG9uZQBUU1NFAAAADwAAAExhdmY1OS4yNy4xMDAAAAAAAAAAAAAAAP/zhMAAAAAAAAAAAABJ' +
    'bmZvAAAADwAAAA8AAAZgAC0tLS0tLTw8PDw8PDxLS0tLS0taWlpaWlpaaWlpaWlpaXh4eHh4eIeHh4eHh4eWlpaWlpaWpaWlpaWl' +
    'tLS0tLS0tMPDw8PDw8PS0tLS0tLh4eHh4eHh8PDw8PDw8P///////wAAAABMYXZjNTkuMzcAAAAAAAAAAAAAAAAkA2AAAAAAAAAG' +
    'YLoonNkAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAP/zRMQAEcCGkB9PMABWyW0B+/fv37+Pe9IDx48eRKPH6vjthfBbA1AhhkDzyZMm' +
    'TB95QEDmXD/BB05wTfl3dPu6eXBB0oCYfw+CDqgGH9IIcu/u6RBABSQfF4WeD9fC0P/zRMQMFVE+gCOSqABAwuvAJBQALgAzQOVh' +
    'F0AwiQi6AYRAvkAMFgbDCbSyMXLIxcUCKBIcOcOd/5RIqRUyLxe//MS6XUjYvI/wVEQVBVn+WCoKiI8Glf////////+VSP/zRMQJ' +
    'E4kiLAHeqACAgB48ASKANmCQB+KgaGDWIwZFJcRk1/KG5AY2ZJgb5gJgRAYOAYGR0ABlkkAY7AAGDQEJyNi6apP/////zv///1f/' +
    '//Uq//f/wjyqAxVI8IghgP/zRMQNCCKmBAC4FQzASX4Mv///////4ub///////w8av/3/8I8qgMVSPCIIYDASX4Mv///////4ub/' +
    '//////w8av/3/8I8qgMVSPCIIYDASX4Mv///////4ub////////zRMQ/CCKmBAC4FQz8PGr/9//CPKoDFUjwiCGAwEl+DL//////' +
    '/+Lm///////8PGpMQU1FMy4xMP/3/8I8qgMVSPCIIYDASX4Mv///////4ub///////w8akxBTUUzLv/zRMRxCCKmBAC4FQwxMDCq' +
    'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqv/3/8I8qgMVSPCIIYDASX4Mv///////4ub///////w8akxB' +
    'TUUzLv/zRMSjCCKmBAC4FQwxMDCqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqv/3/8I8qgMVSPCIIYDA' +
    'SX4Mv///////4ub///////w8akxBTUUzLv/zRMTNCCKmBAC4FQwxMDCqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' +
    'qqqqqqqqqv/3/8I8qgMVSPCIIYDASX4Mv///////4ub///////w8akxBTUUzLv/zRMTNCCKmBAC4FQwxMDCqqqqqqqqqqqqqqqqq' +
    'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqv/3/8I8qgMVSPCIIYDASX4Mv///////4ub///////w8av/////////zRMTNCCKm' +
    'BAC4FQzvluzADQBsEANxgUQD4YGKCLmCTgGpglANkYUoKpGRjE2Bih34IaI4UrmKlgKxg1gFwBl5zAAUkDrrWA6GGwMzl0DF4JC+' +
    '4cgNAjCIJvV////5mP/zRMTNCCKmBAC4FQy/N////////LDf////+p/+gPyNANeADBUTrUag7gt1POVXeWzaIKKIChqxmElnlNHU' +
    '9oPIOgigRocNVaDKxeJU8tUzJge3OCQcX4Q3ddpMgm5Tn//zRMTNCCKmBAC4FQzYz8HDBg4CnWXwLx2LtXC7Yz+x31ToKIB2VqCK' +
    'B1cN1eb5/8/+QG5DW4+7Dtx/Hm8f/f/z/5/8hiG5LEInMxCVzP/qFxUWFxVv/9QlFQkVYElFEP/zRMT/GuqmAAFfqABiXM5bR6UJ' +
    'N4epWDeHEzjdE1OE7hNlkvxlPy2kJQlqLcAEERSysKmk0KYVDLlhUiTQ6hQ4siatDqrKIKi4ioRU0FcN1ibkTEFNRTMuMTAwqqqq' +
    'qv/zRMTmJDG+gbmZ2ACqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' +
    'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqv/zRMSoEfjltAHPSAGqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq' +
    'qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqg==',
);
/** 0.25 s of 700 Hz, 44.1 kHz stereo, 64 kbit/s, frames only: made by ffmpeg's sine source. */
const STEREO = bytesOf(
  '//tQZAAAAY8HVVUwIAwAAA0goAABCzirNlnGgAAAADSDAAAAAABYuVtIBevXr169fASAJgTEczfB8PggCAIOrB/UCAIHJcHw/iAE' +
    'IOO7+j38p7+j39EAECAABgMPGKQ1x9/tktUOxl4wFmDZ4WC3CMKhgxyGjBoOUtlyas8BBQET4DlDlBavwtQ7RhRLf8T4RoLsO0YX' +
    '/yRMi8XkS7/+PUyLxeMS6Xf4NBUFREe/4KovsRAAZgCgBmYCIApmAfAARgRIHkYK+D8GFBhOhhBpd//7UmQQD/KuN8OHfKAAAAAN' +
    'IOAAAQolFQYN/oSAAAA0gAAABIbYULmGFLA35gAoA0YEAAxgEAKMAQAATADwAp0ZWJiwFf4J/p/p/o/+3//ov+M/yf4k3V5LqT3M' +
    'CDjGSczJENXczkMQwQMFxMImDaDHfS3k8UwbjMNUAXjAzQA4DlDQNCAAUMhY8H1GTIGUkfrIn/r/zP/LH/Pf//Nv8mf8//lNv6m/' +
    'nW/qP2VgQAY0iaBMb2Oer8YGCCBmDABZBiNLeWaHcXEmClg/hgYQGSB7//tSZBMP8pZFQgNfoSAAAA0gAAABCq0VAg3+pkAAADSA' +
    'AAAE8wG+cgaE8BjhYNgoXCQIZknm9RFP9X+i/84e/2//9aH+T3+a/5q/9bfzrf593nZZUpSFwAwATMNDjOfQw3KixO3NOtzFyQ0Y' +
    'wioGJA5O4ANYI0DN5WAyEMQMQhALMiXBc6KWNfcff+n/lj/TLX+e/2/Uo1/x5/ya/qH7/O/509/OmypjANBTCBYx0vM2UjYZEwLQ' +
    'EQMGdCWzGIiSk7hcCTMPhA9DBKgI0DRJQAz/+1JkFQ/ypUBCA3+pIAAADSAAAAEKoRUCDf6EgAAANIAAAASULQMUhQDCQFAYAwop' +
    'HDmk83oE1/of7t/LLf7f//N/8r/53/N2/rf+ddySCAw8ZMqNjTV83yYPL/zBXgeAwsUStMjgfaDxsTlIwfEIPMAJArANRPAy6gDD' +
    'EwCQQY1H1HcVX9xmf9/87/kq/+e//9Zl/kE/uUP8fL/7/zp76qy1XYwmOWQMGgsxAHDII/M8JQ2/9zByHeozKoueMLqCQzBNQPoD' +
    'UyJAzCUAMcC0DP/7UmQWj/KhRUIDn6mQAAANIAAAAQpNAQgOfqZAAAA0gAAABDoUAwQARHwyosogpt6yJf6P+h/on/9v9/89/l//' +
    'M/8wf+p/51v6jzY0jASBzAgWMKjExcXDMarOGTwxLlSsOnwGejENAb8wWsDcA1ofQMzkgDHgpAxCEgBgqH2GNFBEFS+S3+l/pf5g' +
    'f/2//9Sf+WP80/zJv6v867kFWDAAQYmPmUHBpLGb5UGBwgoJg7wX0Y0eUHnWjDBJhdACgYFiAEAb4OAMyAYGhb0I1HeR//tSZBmP' +
    '8nFAQgN/oSAAAA0gAAABCf0VCg1+hIAAADSAAAAEcyR+sif+v/X/lj/t//8//l3/P/5Tb+pv513ItbLgGHGmYPGzdna2GBTgb5gp' +
    'wTcYe2wymdtFDpgj4N0YFMBWgd2sBsl4GbLAYgOFhwzJAhwk83qJj/V/o/5xv9v//Wh/m3+j/ov/W39bf5+HoZdpgKNwIACTAAwA' +
    'QwCUC0MKifWTjSS1MxG8KAMGkBKT3aY4JlNPPDLB8xMEUi2JYr9WfcL/5/+U/zy3+W/2/oT/+1JkIQ/yeEVBg/s6oAAADSAAAAEJ' +
    'jMsKDX6EgAAANIAAAAR/wz/j3+IP8r/lW/qXaIFQJhCBlUprIh0fpgTQHUYLOEGmKwEBJ0OoD+YbKBpGCBAPIH1hAb5GBoRwGMAh' +
    'YsMEjhzSeb5S/2/3/zrf7f//P/5X/zvh7rfyXWpmAFAzDBQyEtM+TjbY0wMQESMGZCvTFPEqA3YEh4A47LQDS0BgwRgYBBgNohjY' +
    'WaUpWNfyd/3/1/51/9v//Wl/lz/MP8o/9/62/rPRhd6AQwGATP/7UmQpj/JbRUKDf6kQAAANIAAAAQlY3QwOfoZAAAA0gAAABCQQ' +
    'MVikysbDUt9MFaXCjJviO4wjgG5MDpAugPxjA4rYDSHQMiKBs6LiICM0Tr/K3+3+r/W/+3//z3+Z/6f+YP7Ot3RVgtkCGYIBjBRc' +
    'xY0M5azrMwwyk32NxcEWDCzgSUwO0CKA+EsDeqAM8TAxoIGx0W4ho5xOv8tf6v9X+p/9v//r/zn+h/mTdXkupuZdQwGCzCQcMTjk' +
    'yUaDR7POdfoxGcbHN1EEDQP3CwAZ//tSZDSP8kQ3w4N/oZAAAA0gAAABCHzdDg5+pgAAADSAAAAEvAFEEBgHBgkQcNEny+ZI/lf/' +
    'X/r/zn/b//7/5j/v/mf+t3IqhtQAsuYGBRhkPmNCAZnR5tjOGFJoPZlAw2eBrmRAZmNYGNxgBhgLgYJAwNsQ+YnS8Tps3y5/q//+' +
    'pv9v//t/m3neVf/W7pLgAFt1trRAEbf9k7GDHioaKGfmEjJjOaeKdgY/VPB9JKDIgBnD+Jjpjrrft4ETC5CVib5wgbiLcVvUHhbg' +
    'NMbmWwT/+1JkRIDyNC5EA5+pgAAADSAAAAEPhJc/tbwAOAAANIKAAAQAMEpWtrDrHceOLvcemfyWTblv3ACgbE4vMQw/kYsbwvV6' +
    'ftSksV4xLLweP8Q7MfDPk/x/4CMDP/xFNAAAMwZQZQhg+GgoDAAAANoXOS6VWUl/mGcmDESmr/mNTmOFN5Iv81oFNtIFbn7/zOhc' +
    'zA9ISp6K3f/zT5UyMpJuEmtpS+tJBP//mRkRgQ+KDRCFA4bq4drZ///6FCKKQywKqrDNa//////934s/MafaP//7UmQ5gAPMKtP+' +
    'a2AEAAANIMAAAAAAAaQcAAAgAAA0g4AABAx/MgEVJPVMQU1FMy4xMDBVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV' +
    'VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV' +
    'VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV',
);

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

interface Heard {
  readonly samples: readonly number[];
  readonly rate: number;
}

function heard(file: Uint8Array, cuts: readonly number[] = [file.length]): Heard {
  const samples: number[] = [];
  let rate = 0;
  const reader = mp3Reader((some, hz) => {
    samples.push(...some);
    rate = hz;
  });
  for (let at = 0, k = 0; at < file.length; k++) {
    const length = cuts[k % cuts.length] as number;
    reader.push(file.subarray(at, at + length));
    at += length;
  }
  reader.end();
  return { samples, rate };
}

/** Which share of the sound is a sine of that frequency. */
function shareOf({ samples, rate }: Heard, hz: number): number {
  const middle = samples.slice(2_500, -2_500);
  let [s, c, all] = [0, 0, 0];
  for (const [i, sample] of middle.entries()) {
    s += sample * Math.sin((2 * Math.PI * hz * i) / rate);
    c += sample * Math.cos((2 * Math.PI * hz * i) / rate);
    all += sample * sample;
  }
  return (2 * (s * s + c * c)) / middle.length / all;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

describe('an MP3', () => {
  it('is read in version 2, as synthesizers make it, without its tag and the notes of its encoder', () => {
    const sound = heard(MONO);
    assert.equal(sound.rate, 24_000);
    assert.ok(shareOf(sound, 1_000) > 0.999);
    // 0.3 s and what the encoder adds, in frames of 576; the first frame of the file is no sound.
    assert.equal(sound.samples.length, 15 * 576);
  });

  it('is read in version 1, left and right mixed', () => {
    const sound = heard(STEREO);
    assert.equal(sound.rate, 44_100);
    assert.ok(shareOf(sound, 700) > 0.999);
    assert.equal(sound.samples.length % 1_152, 0);
  });

  it('is the same however it is cut', () => {
    for (const file of [MONO, STEREO]) {
      const whole = heard(file);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }), (cuts) => {
          assert.deepEqual(heard(file, cuts), whole);
        }),
        { numRuns: 25 },
      );
    }
  });

  it('is found behind bytes that are none of it, and another may follow', () => {
    const noise = Uint8Array.from({ length: 2_000 }, (_, i) => (i % 7 === 0 ? 0xff : i));
    assert.deepEqual(heard(joined(noise, STEREO)), heard(STEREO));
    assert.equal(heard(joined(STEREO, noise, STEREO)).samples.length, 2 * heard(STEREO).samples.length);
  });

  it('is refused when nothing of it is one', () => {
    for (const file of [new Uint8Array(0), new Uint8Array(3), new Uint8Array(5_000), MONO.subarray(0, 60)]) {
      assert.throws(() => heard(file), /^Error: this is no MP3 file$/);
    }
    const reader = mp3Reader(() => undefined);
    assert.throws(() => reader.push(new Uint8Array(70_000)), /this is no MP3 file/);
  });

  it('of any bytes is heard or refused, and never goes on for ever', () => {
    const change = fc.tuple(fc.nat(STEREO.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.nat(STEREO.length), (changes, end) => {
        const file = STEREO.slice(0, end);
        for (const [at, value] of changes) if (at < end) file[at] = value;
        try {
          assert.ok(heard(file).samples.length <= 1_152 * 40);
        } catch (error) {
          assert.equal((error as Error).message, 'this is no MP3 file');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is decoded by the module of the package that is named in package.json', () => {
    const theirs = readFileSync(new URL(import.meta.resolve('minimp3-wasm/dist/decoder.opt.wasm')));
    assert.ok(
      theirs.equals(Buffer.from(MP3_WASM, 'base64')),
      'mp3-wasm.ts is that file as base64, 100 letters a line',
    );
  });
});
