// DeviceIdentity: the key by which this browser is known to the Gateway once it is paired. It never leaves the browser.
import type { GatewayBrowserDeviceIdentity } from '@openclaw/gateway-client/browser';
import { keptIn } from './kept.ts';

const KEY = 'device-key';

/** The one of this browser, made when there is none. Throws where there is no cryptography: on plain HTTP. */
export async function deviceIdentity(): Promise<GatewayBrowserDeviceIdentity> {
  if (!window.isSecureContext) {
    throw new Error('This page needs HTTPS, or an address on this machine such as http://127.0.0.1.');
  }
  const pair = (await keptIn.read<CryptoKeyPair>(KEY)) ?? (await newPair());
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const print = new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey));
  return {
    deviceId: [...print].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    publicKey: base64url(publicKey),
    sign: async (payload) => {
      const bytes = new TextEncoder().encode(payload);
      return base64url(new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes)));
    },
  };
}

/** The private key cannot be read out, by nobody. */
async function newPair(): Promise<CryptoKeyPair> {
  const pair = (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])) as CryptoKeyPair;
  await keptIn.write(KEY, pair);
  return pair;
}

function base64url(bytes: Uint8Array): string {
  const text = String.fromCharCode(...bytes);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
