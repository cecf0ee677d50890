// Pieces: a long text cut into parts a carrier's voice takes, where a speaker would breathe.

/** `text` in pieces of at most `limit` UTF-16 units. Blank text has none; white space at a cut is dropped. */
export function inPieces(text: string, limit: number): readonly string[] {
  const pieces: string[] = [];
  for (let rest = text.trim(); rest !== ''; ) {
    const cut = rest.length <= limit ? rest.length : breath(rest.slice(0, limit));
    pieces.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return pieces;
}

/** Where to cut a piece that is followed by more: behind a sentence, else a word, else between characters. */
function breath(piece: string): number {
  const sentence = /^[\s\S]*(?:[.!?…]['")\]]*(?=\s)|[。！？\n])/.exec(piece)?.[0].length ?? 0;
  if (sentence > 0) return sentence;
  const word = piece.search(/\s\S*$/);
  if (word > 0) return word;
  const splitsPair = /[\ud800-\udbff]$/.test(piece);
  return splitsPair ? piece.length - 1 : piece.length;
}
