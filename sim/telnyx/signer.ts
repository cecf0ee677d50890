// Signer: the account's Ed25519 key pair, and the headers a webhook is signed with.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export class Signer {
  readonly #pair = generateKeyPairSync('ed25519');
  readonly #strangers = generateKeyPairSync('ed25519');

  /** As the portal shows it: base64 of the 32 bytes. */
  get publicKey(): string {
    return this.#pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  }

  get publicKeyPem(): string {
    return this.#pair.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  }

  headers(body: string, timestampS: number, by: 'account' | 'stranger' = 'account'): Record<string, string> {
    const { privateKey } = by === 'account' ? this.#pair : this.#strangers;
    return {
      'telnyx-signature-ed25519': signatureOf(`${timestampS}|${body}`, privateKey),
      'telnyx-timestamp': `${timestampS}`,
    };
  }
}

function signatureOf(signed: string, key: KeyObject): string {
  return sign(null, Buffer.from(signed), key).toString('base64');
}
