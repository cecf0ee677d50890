// SmallWords: words that say little: sounds of a listener, and words after which somebody goes on. All languages.
import { meaningOf } from '../media/backchannel.ts';

/** Sounds that are no words in any language: a listener makes them without wanting to speak. */
const SOUNDS =
  /^(?:m+|h+m+|m+h+m*|mm?-?h+m+|u+h+-?h+u+h+|a+ha+|u+h*m*|e+r+m*|ä+h*m*|eu+h+|a+h+|o+h+|h+a+|h+e+|う+ん|ええ|えっと|あ+|응|음|엄|嗯+|啊|हूँ|हम्म)$/u;

/** Nobody ends a sentence with these: they go on after a breath. */
const UNFINISHED: ReadonlySet<string> = new Set(
  (
    'and but or so because the a an to of with if when my your our is are for from at by like well um uh ' +
    'und oder aber weil dass wenn der das den dem ein eine mit für von zu ist sind mein ähm äh also ' +
    'y o pero porque que el la los las un una con para de mi es eh pues ' +
    'et ou mais parce le les une avec pour du des est mon ma euh alors ' +
    'ma perché il lo gli uno di per è mio mas porque os as um uma com para do da meu ' +
    'en of maar omdat het een met voor van i albo ale bo że z dla えっと あの で 그리고 그래서 和 但是 因为 और लेकिन'
  ).split(' '),
);

function words(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s,.;:!?…。、，！？]+/u)
    .map((word) => word.replace(/^\p{P}+|\p{P}+$/gu, ''))
    .filter((word) => word !== '');
}

/** Nothing but sounds like `mhm`: they never mean anything by themselves. */
export function areSounds(text: string): boolean {
  return words(text).every((word) => SOUNDS.test(word));
}

/** Nothing but sounds, `yes`, `okay` and the like. */
export function isBackchannel(text: string): boolean {
  return areSounds(text) || meaningOf(text) !== 'words';
}

/** They end in a word after which one goes on; a question mark says that it is over all the same. */
export function soundsUnfinished(text: string): boolean {
  if (/[?!？！]\s*$/u.test(text)) return false;
  const last = words(text).at(-1);
  return last !== undefined && (UNFINISHED.has(last) || /[,…–—-]\s*$/u.test(text) || SOUNDS.test(last));
}
