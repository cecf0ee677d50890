// HeardReplies: which of a voice model's replies the caller has heard, and how much of each: where its memory is cut.

const BYTES_PER_MS = 8;

interface Reply {
  readonly id: string;
  /** How much sound of it there is. */
  ms: number;
  heardMs: number;
  /** No more sound will come. */
  isOver: boolean;
}

/** What the provider asks us to call back when its sound up to here was heard. */
interface Mark {
  readonly reply: Reply;
  readonly atMs: number;
  readonly acknowledge: () => void;
}

export class HeardReplies {
  /** How much the caller has heard of the reply that came last, ms. */
  readonly #heardMs: () => number;
  /** Not heard to their end yet, in the order they are played. */
  #replies: Reply[] = [];
  #marks: Mark[] = [];
  /** The sound of the caller there was when we looked last, ms. */
  #streamMs = 0;

  constructor(heardMs: () => number) {
    this.#heardMs = heardMs;
  }

  sound(id: string, bytes: number): void {
    const known = this.#replies.find((one) => one.id === id);
    if (!known) this.look(this.#streamMs);
    const reply = known ?? { id, ms: 0, heardMs: 0, isOver: false };
    if (!known) this.#replies.push(reply);
    reply.ms += bytes / BYTES_PER_MS;
  }

  over(id: string): void {
    for (const reply of this.#replies) if (reply.id === id) reply.isOver = true;
  }

  /** Belongs to the sound that came last. */
  mark(acknowledge: () => void): void {
    const reply = this.#replies.at(-1);
    if (reply) this.#marks.push({ reply, atMs: reply.ms, acknowledge });
    else acknowledge();
  }

  /** Looks at what was heard meanwhile, and acknowledges it. */
  look(streamMs: number): void {
    const passedMs = Math.max(0, streamMs - this.#streamMs);
    this.#streamMs = streamMs;
    const [head] = this.#replies;
    const last = this.#replies.at(-1);
    if (!head || !last) return;
    // Of one that plays before the last, nobody tells more than that time passes.
    if (head !== last) head.heardMs = Math.min(head.ms, head.heardMs + passedMs);
    last.heardMs = Math.min(last.ms, this.#heardMs());
    const hasLastBegun = last.heardMs > 0;
    const isDone = (reply: Reply): boolean =>
      reply === last ? reply.isOver && reply.heardMs >= reply.ms : hasLastBegun || reply.heardMs >= reply.ms;
    for (const reply of this.#replies.filter(isDone)) reply.heardMs = reply.ms;
    this.#acknowledge();
    this.#replies = this.#replies.filter((reply) => !isDone(reply));
  }

  /** The replies the caller has not heard to their end, and how much of them was heard, ms. */
  get unfinished(): readonly { readonly id: string; readonly heardMs: number }[] {
    return this.#replies.map(({ id, heardMs }) => ({ id, heardMs: Math.floor(heardMs) }));
  }

  /** So much was heard of the one that came last. */
  cut(heardMs: number): void {
    const last = this.#replies.at(-1);
    if (last) last.heardMs = Math.min(last.ms, heardMs);
  }

  /** What is still unheard never will be. */
  clear(): void {
    this.#replies = [];
    this.#marks = [];
  }

  #acknowledge(): void {
    const heard = this.#marks.filter(({ reply, atMs }) => reply.heardMs >= atMs);
    if (heard.length === 0) return;
    this.#marks = this.#marks.filter((mark) => !heard.includes(mark));
    for (const { acknowledge } of heard) acknowledge();
  }
}
