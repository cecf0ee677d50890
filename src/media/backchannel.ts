// Backchannel: small words of somebody who listens ("mhm", "yeah"): they say "go on", not "stop".

/** What words mean for somebody who is being spoken to. */
export type Meaning = 'nothing' | 'backchannel' | 'words';

/**
 * Answers that also mean "go on" are on the list: while we speak they are mostly that, and whoever means more says
 * more. "No", "wait", "stop", "hello" and "sorry" are never here.
 */
const SMALL_WORDS = new Set(
  [
    'mhm mm mmm hm hmm hmmm mmhm mmhmm uhhuh huh uh um ah aha ahh oh ooh eh er erm',
    'yeah yes yep yup ya yah ok okay okey okeydoke k right sure alright fine good great cool nice exactly',
    'ja jaja jo jep genau gut klar stimmt achso ach so richtig okej',
    'oui ouais bien accord voilà ben bah',
    'sí si claro vale bueno ajá dale ya eso',
    'sim certo tá isso pois',
    'sì va bene certo esatto già ecco',
    'hoor precies goed nou',
    'tak dobrze aha no więc jasne',
    'да ага угу так хорошо ладно понятно',
    'так добре',
    'evet tamam hı',
    'jo joo juu niin',
    'hai un ee sou haan accha theek ne nae',
    'はい うん ええ そう 嗯 对 是 好 네 예 응 हाँ हां जी अच्छा ठीक نعم أجل طيب',
  ].flatMap((line) => line.split(' ')),
);
/** "No" is "yes" in Polish only; better to stop once too often. */
SMALL_WORDS.delete('no');
const SMALL_PHRASES =
  /\b(?:i see|got it|of course|go on|sounds good|makes sense|d['’]accord|de acuerdo|ach so|ist gut|all right|very good|tout à fait)\b/gu;
/** Written without blanks between them. */
const CHAINED = /^(?:はい|うん|ええ|そう|嗯|对|是|好|네|예|응)+$/u;

/** What the transcriber understood, in any of the languages above. */
export function meaningOf(text: string): Meaning {
  const plain = text.normalize('NFC').toLowerCase();
  const words = plain.replace(SMALL_PHRASES, ' ok ').match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  if (words.length === 0) return 'nothing';
  return words.every((word) => SMALL_WORDS.has(word) || CHAINED.test(word)) ? 'backchannel' : 'words';
}
