// Premium: numbers that cost far more than a call, and whose owner earns from it: what toll fraud dials. Pure.

/**
 * Prefixes of numbers billed at a premium, and of networks that are nowhere. Sources: ITU-T E.164 assigned country
 * codes (870 Inmarsat, 878 UPT, 881 and 882/883 satellite and international networks, 979 international premium rate,
 * 808 shared cost); for countries the premium-rate entries of Google's libphonenumber, read in 2026. Not complete, and
 * cannot be: the carrier's own permissions by country are the second wall.
 */
const PREFIXES: readonly string[] = [
  ...['808', '870', '878', '881', '882', '883', '979'],
  '1900',
  ...['30901', '30909'],
  ...['31900', '31906', '31909'],
  '3290',
  ...['33891', '33892', '33893', '33895', '33897', '33898', '33899'],
  ...['34803', '34806', '34807', '34905', '34907'],
  ...['3690', '3691'],
  ...['39144', '39166', '39892', '39894', '39895', '39899'],
  ...['40900', '40901', '40903', '40906'],
  ...['41900', '41901', '41906'],
  ...['42090', '420976'],
  ...['43900', '43901', '43930', '43931', '43939'],
  ...['44871', '44872', '44873', '4490', '4491', '4498'],
  '4590',
  ...['46900', '46939', '46944'],
  ...['47820', '47829'],
  ...['48700', '48701', '48703', '48704', '48706', '48707', '48708'],
  ...['491377', '491378', '491379', '49900'],
  '52900',
  '55900',
  '61190',
  '6490',
  '661900',
  ...['7803', '7809'],
  '81990',
  ...['82602', '82603', '82604', '82605', '82606', '82607', '82608', '82609'],
  '852900',
  ...['90888', '90900'],
  '35315',
  ...['351601', '351607', '351608', '351646', '351648', '351760', '351761', '351762'],
  ...['358600', '358700'],
  ...['97219', '9721200', '9721212'],
];

/** Whether calling `number` (E.164) is billed at a premium, as far as its first digits tell. */
export function isPremiumNumber(number: string): boolean {
  const digits = number.replace(/\D/g, '');
  return PREFIXES.some((prefix) => digits.startsWith(prefix));
}
