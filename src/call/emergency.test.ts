// Tests of emergency and premium numbers: every way people and models write them, and no number of anybody else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isEmergencyNumber } from './emergency.ts';
import { isPremiumNumber } from './premium.ts';

const EMERGENCY = [
  ...['112', '911', '933', '999', '000', '110', '119', '118', '108', '100'],
  ...['+112', '+911', '+999', '+110', '+119'],
  ...['+1911', '+1112', '+1933', '+1 911', '+1-911', '1911', '001911', '+19115550000'],
  ...['+44999', '+44112', '+440999', '+44 (0) 999', '0044999'],
  ...['+49110', '+49112', '+49 112', '0049112', '+490112'],
  ...['+3315', '+3317', '+3318', '+33112', '+61000', '+61112', '+81110', '+81119', '+82112'],
  ...['+86120', '+91100', '+91102', '+91112', '+55190', '+2710111', '+41144', '+43133', '+48999', '+64111'],
  // A country nobody looked up, and a code of somewhere else behind a country.
  ...['+688911', '+49911', '+44911', '+1999'],
];

/** Each as long as a subscriber's number is, or nearly; some hold an emergency code, or are short. */
const PEOPLE = [
  ...['+15550001234', '+12025550911', '+12129110000', '+19005550000', '+13115550000'],
  ...['+442079460999', '+44112345678', '+449112345678', '+493011211200', '+4991112345', '+4991199999'],
  ...['+33155667788', '+33170000000', '+33180000000', '+61212345678', '+81110123456', '+8613800138000'],
  ...['+6834112', '+2908112', '+50022112', '+37760112112', '+358112345', '+4711212345', '+390611300999'],
];

describe('Emergency numbers', () => {
  it('are known however they are written', () => {
    for (const number of EMERGENCY) assert.ok(isEmergencyNumber(number), number);
  });

  it('are not mistaken in the numbers of people', () => {
    for (const number of PEOPLE) assert.ok(!isEmergencyNumber(number), number);
  });

  it('are the same with blanks and brackets between', () => {
    const gap = fc.constantFrom('', ' ', '-', '.', ' (', ') ');
    fc.assert(
      fc.property(
        fc.constantFrom(...EMERGENCY),
        fc.array(gap, { minLength: 12, maxLength: 12 }),
        (number, gaps) => {
          const spaced = [...number].map((letter, at) => `${letter}${gaps[at] ?? ''}`).join('');
          assert.ok(isEmergencyNumber(spaced), spaced);
        },
      ),
    );
  });

  it('never are as long as a number of a country with eight digits and more, but where 911 would be the area', () => {
    const long = fc.stringMatching(/^\+[2-9][0-9]{9,13}$/);
    fc.assert(fc.property(long, (number) => assert.ok(!isEmergencyNumber(number), number)));
  });
});

describe('Premium numbers', () => {
  it('are known by their first digits', () => {
    const some = [
      '+19005550000',
      '+449012345678',
      '+881612345678',
      '+882161234567',
      '+979123456789',
      '+49900112233',
    ];
    for (const number of some) assert.ok(isPremiumNumber(number), number);
  });

  it('are not those of people', () => {
    const some = [
      '+15550001234',
      '+442079460999',
      '+447911123456',
      '+493012345678',
      '+33612345678',
      '+819012345678',
    ];
    for (const number of some) assert.ok(!isPremiumNumber(number), number);
  });
});
