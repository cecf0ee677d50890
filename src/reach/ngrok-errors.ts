// NgrokErrors: what ngrok's error codes mean for us, and what can be done. Its own words may hold the authtoken.
import { VoiceCallError } from '../lib/errors.ts';

const CODE = /ERR_NGROK_(\d{1,6})/;
const TOKEN_PAGE = 'https://dashboard.ngrok.com/get-started/your-authtoken';
const DOMAIN =
  'Check tunnel.ngrokDomain: it must be a domain of this ngrok account (https://dashboard.ngrok.com/domains)';

type Meaning = readonly [why: string, cure: string];

/** Those a person is likely to meet (ngrok.com/docs/errors). */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '102': ['the last payment of the account failed', 'Settle it at https://dashboard.ngrok.com'],
  '103': ['the account is suspended', 'See https://dashboard.ngrok.com'],
  '105': [
    'the authtoken is none',
    `Copy it from ${TOKEN_PAGE} into tunnel.ngrokAuthToken or NGROK_AUTHTOKEN`,
  ],
  '106': [
    'the authtoken is of ngrok 1',
    `Copy the present one from ${TOKEN_PAGE} into tunnel.ngrokAuthToken`,
  ],
  '107': [
    'the authtoken is not valid any more',
    `Copy the present one from ${TOKEN_PAGE} into tunnel.ngrokAuthToken`,
  ],
  '108': [
    'the account has as many agents running as it may',
    'End the other ngrok agent (https://dashboard.ngrok.com/agents shows which), or upgrade the account',
  ],
  '120': ['this version of ngrok is too old', 'Run "ngrok update"'],
  '121': ['this version of ngrok is too old', 'Run "ngrok update"'],
  '313': ['the account may not use a domain of its own', DOMAIN],
  '319': ['the domain is not reserved for this account', DOMAIN],
  '320': ['the domain belongs to another account', DOMAIN],
  '334': [
    'another agent is online at this domain',
    'End it: a Gateway that was killed may have left one behind. We try again by ourselves',
  ],
  '725': ['the account has used up its traffic', 'Wait for the next month, or upgrade the account'],
  '727': ['the account has used up its requests', 'Wait for the next month, or upgrade the account'],
  '4018': [
    'ngrok needs an account and its authtoken',
    `Set tunnel.ngrokAuthToken or NGROK_AUTHTOKEN to the one at ${TOKEN_PAGE}`,
  ],
  '8012': ['ngrok does not reach our port', 'Look at the Gateway log: something else may have closed it'],
};

/** The code in something ngrok said, e.g. `4018`; null when there is none. */
export function ngrokCode(text: string): string | null {
  return CODE.exec(text)?.[1] ?? null;
}

/** VC_TUNNEL_DOWN for what ngrok said; its own words are not repeated. */
export function ngrokError(code: string | null, otherwise: string): VoiceCallError {
  if (code === null) {
    const cure = 'Run "ngrok http 80" by hand to see what it says, and look at the Gateway log';
    return new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: 'ngrok', why: otherwise, cure });
  }
  const page = `https://ngrok.com/docs/errors/err_ngrok_${code}`;
  const [why, cure] = MEANINGS[code] ?? ['it refused', `Read ${page}`];
  return new VoiceCallError('VC_TUNNEL_DOWN', { tunnel: 'ngrok', why: `${why} (ERR_NGROK_${code})`, cure });
}

/** Neither the SDK nor the command was found. `folder` is where we look for the SDK beside the plugin. */
export function ngrokMissing(folder: string): VoiceCallError {
  const npm = `npm install --prefix ${folder} @ngrok/ngrok`;
  return new VoiceCallError('VC_TUNNEL_MISSING', {
    what: 'ngrok: neither the package @ngrok/ngrok nor the command "ngrok"',
    cure: `Run "${npm}", or install the command from https://ngrok.com/download; or set publicUrl.`,
  });
}
