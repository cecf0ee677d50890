// TestPhone: a person at a test phone: what they were told, what they heard and when, and a microphone.
import { PhoneClient } from '../src/caller/phone-client.ts';
import type { FromPhone, ReadyMessage, ToPhone } from '../src/handset/protocol.ts';
import { steadyClock, systemClock } from '../src/lib/clock.ts';
import { joined, PER_MS } from './media/mulaw.ts';
import { decodeWords } from './media/word-decoder.ts';
import { Microphone } from './microphone.ts';

interface Told {
  readonly at: number;
  readonly message: ToPhone;
}
interface HeardSound {
  readonly at: number;
  readonly mulaw: Uint8Array;
}
type MessageOf<T extends ToPhone['type']> = Extract<ToPhone, { type: T }>;

const PATIENCE_MS = 20_000;

export class TestPhone {
  readonly told: Told[] = [];
  readonly ready: ReadyMessage;
  isClosed = false;
  readonly #phone: PhoneClient;
  readonly #microphone: Microphone | null;
  #heard: HeardSound[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(ready: ReadyMessage, phone: PhoneClient) {
    this.ready = ready;
    this.#phone = phone;
    this.#microphone = ready.sound ? new Microphone(steadyClock, (frame) => phone.speak(frame)) : null;
  }

  /** Rejects as a phone is refused. */
  static async open(url: string): Promise<TestPhone> {
    const early: Told[] = [];
    const opening: { self: TestPhone | null } = { self: null };
    const { phone, ready } = await PhoneClient.open({
      url,
      clock: steadyClock,
      onMessage: (message) => {
        const told = { at: steadyClock.now(), message };
        if (opening.self) opening.self.#note(told);
        else early.push(told);
      },
      onSound: (mulaw, at) => {
        opening.self?.hears({ at, mulaw: new Uint8Array(mulaw) });
      },
      onClear: (at) => {
        if (opening.self) opening.self.#clear(at);
      },
      onClosed: () => {
        if (opening.self) opening.self.#gone();
      },
    });
    const self = new TestPhone(ready, phone);
    opening.self = self;
    self.told.push(...early);
    return self;
  }

  send(message: FromPhone | { readonly type: 'call' }): void {
    this.#phone.send(message);
  }

  /** Speaks into the microphone; resolves when it has been said. */
  async says(mulaw: Uint8Array): Promise<void> {
    await this.#microphone?.say(mulaw);
  }

  /** The first message of this kind that is as wanted, also one that came before; throws after 20 s. */
  until<T extends ToPhone['type']>(
    type: T,
    isWanted: (message: MessageOf<T>) => boolean = () => true,
  ): Promise<MessageOf<T>> {
    return this.when(
      () => this.#all(type).find(isWanted),
      () => `no message "${type}" as wanted among ${JSON.stringify(this.told.map(({ message }) => message))}`,
    );
  }

  /** What `look` finds, as soon as it finds something; it looks again with everything that happens. */
  when<T>(
    look: () => T | undefined | false,
    complaint: () => string = () => 'it did not happen',
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = systemClock.at(systemClock.now() + PATIENCE_MS, () => {
        this.#waiting.delete(check);
        reject(new Error(complaint()));
      });
      const check = (): void => {
        const found = look();
        if (found === undefined || found === false) return;
        cancel();
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** The transcript as it stands: `bot: Hello.`, with ` [cut]` behind what was not heard to its end. */
  get transcript(): readonly string[] {
    const lines = new Map<string, string>();
    for (const { id, speaker, text, heard } of this.#all('said'))
      lines.set(id, `${speaker}: ${text}${heard === false ? ' [cut]' : ''}`);
    return [...lines.values()];
  }

  /** The sound that was heard until now: not what was taken back before. */
  get heard(): Uint8Array {
    const now = steadyClock.now();
    return joined(this.#heard.filter(({ at }) => at <= now).map(({ mulaw }) => mulaw));
  }

  /** The words of it, in word-code. */
  get heardWords(): readonly string[] {
    return decodeWords(this.heard).map(({ text }) => text);
  }

  private hears(sound: HeardSound): void {
    this.#heard.push(sound);
    this.#look();
  }

  hangUp(): void {
    this.#microphone?.off();
    this.#phone.close();
  }

  #all<T extends ToPhone['type']>(type: T): readonly MessageOf<T>[] {
    return this.told.flatMap(({ message }) => (message.type === type ? [message as MessageOf<T>] : []));
  }

  #note(told: Told): void {
    this.told.push(told);
    this.#look();
  }

  #gone(): void {
    this.isClosed = true;
    this.#microphone?.off();
    this.#look();
  }

  #look(): void {
    for (const check of [...this.#waiting]) check();
  }

  #clear(at: number): void {
    this.#heard = this.#heard.flatMap((sound) => {
      if (sound.at >= at) return [];
      return [{ ...sound, mulaw: sound.mulaw.subarray(0, Math.ceil((at - sound.at) * PER_MS)) }];
    });
  }
}
