// Planned: what is to go wrong with the next ones, in order: streams, connections, requests.

export class Planned<Fault extends object> {
  readonly #planned: { readonly fault: Fault; left: number }[] = [];

  /** Switches faults on for the next `times` ones (default: all). Returns the off switch. */
  next(fault: Fault, { times = Number.POSITIVE_INFINITY }: { readonly times?: number } = {}): () => void {
    const planned = { fault, left: times };
    this.#planned.push(planned);
    return () => {
      planned.left = 0;
    };
  }

  /** What goes wrong with the one that begins now; nothing when nothing is planned. */
  take(): Fault | Record<string, never> {
    const planned = this.#planned.find(({ left }) => left > 0);
    if (!planned) return {};
    planned.left--;
    return planned.fault;
  }
}
