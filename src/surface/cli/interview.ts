// Interview: the questions of a first run, one after the other, each asked until the answer can be right.
import { type CarrierQuestions, carrierQuestions, numberAnswer } from '../../config/questions.ts';
import type { Ask } from '../terminal.ts';

type Section = Readonly<Record<string, unknown>>;

export interface Answers {
  /** What is to be written below plugins.entries.voice-call.config; null takes away what may stand there. */
  readonly config: Section;
  /** Keys of secrets in it, as paths: their values are not shown. */
  readonly secrets: readonly string[];
  /** The number of the person who sets this up; null when they did not tell. */
  readonly owner: string | null;
}

type Say = (line: string) => void;

export async function interview(ask: Ask, say: Say): Promise<Answers> {
  const carrier = await chosenCarrier(ask, say);
  if (carrier === null) return { config: { provider: 'mock' }, secrets: [], owner: '+15550001234' };
  const credentials: Record<string, string> = {};
  for (const { key, text, secret, ...rule } of carrier.credentials) {
    credentials[key] = await valid(ask, say, { text, secret, ...rule });
  }
  const fromNumber = await valid(ask, say, { text: `Our number at ${carrier.title}`, ...numberAnswer });
  const way = await wayIn(ask, say);
  const owner = await valid(ask, say, {
    text: 'Your own number (empty: none)',
    ...numberAnswer,
    optional: true,
  });
  const inbound = await whoMayCall(ask, owner === '' ? null : owner);
  return {
    config: {
      provider: carrier.name,
      [carrier.name]: credentials,
      fromNumber,
      ...(owner !== '' && { toNumber: owner }),
      ...way,
      ...inbound,
    },
    secrets: [
      ...carrier.credentials.filter(({ secret }) => secret).map(({ key }) => `${carrier.name}.${key}`),
      'tunnel.ngrokAuthToken',
    ],
    owner: owner === '' ? null : owner,
  };
}

/** Null: the mock carrier, to try it out. */
async function chosenCarrier(ask: Ask, say: Say): Promise<CarrierQuestions | null> {
  say('Which carrier has your number?');
  carrierQuestions.forEach(({ title }, at) => {
    say(`  ${at + 1}  ${title}`);
  });
  say(`  ${carrierQuestions.length + 1}  none: try it without a phone (the mock carrier)`);
  const at = await choice(ask, 'Carrier', carrierQuestions.length + 1);
  return carrierQuestions[at - 1] ?? null;
}

async function wayIn(ask: Ask, say: Say): Promise<Section> {
  say('How does the carrier reach this machine?');
  say('  1  at an https address that leads here (a proxy or tunnel of your own)');
  say('  2  through ngrok, which Voice Call starts');
  say('  3  through Tailscale Funnel, which Voice Call sets up');
  switch (await choice(ask, 'Way in', 3)) {
    case 1: {
      const address = await valid(ask, say, {
        text: 'The address, e.g. https://example.com/voice/webhook',
        pattern: /^https:\/\/[^\s/?#]+(\/[^\s?#]*)?$/,
        hint: 'It begins with https:// and has no "?" in it.',
      });
      const isWhole = new URL(address).pathname !== '/';
      // Whatever else was opened before would only cost something.
      const alone = { tunnel: null, tailscale: null };
      return { publicUrl: isWhole ? address : `${address.replace(/\/$/, '')}/voice/webhook`, ...alone };
    }
    case 2: {
      const token = await valid(ask, say, {
        text: 'ngrok authtoken (dashboard.ngrok.com > Your Authtoken; empty: the one ngrok has)',
        pattern: /^\S+$/,
        hint: 'It has no spaces.',
        secret: true,
        optional: true,
      });
      return {
        publicUrl: null,
        tunnel: { provider: 'ngrok', ...(token !== '' && { ngrokAuthToken: token }) },
      };
    }
    default:
      return { publicUrl: null, tunnel: { provider: 'tailscale-funnel' } };
  }
}

async function whoMayCall(ask: Ask, owner: string | null): Promise<Section> {
  const words =
    owner === null
      ? '1 nobody, 2 whoever I approve by a code'
      : '1 nobody, 2 I, 3 I and whoever I approve by a code';
  const at = await choice(ask, `Who may call your agent? (${words})`, owner === null ? 2 : 3);
  if (at === 1) return { inboundPolicy: 'disabled' };
  if (owner === null) return { inboundPolicy: 'pairing' };
  return { inboundPolicy: at === 2 ? 'allowlist' : 'pairing', allowFrom: [owner] };
}

async function choice(ask: Ask, text: string, most: number): Promise<number> {
  for (;;) {
    const answer = await ask(`${text} [1-${most}]: `);
    if (/^[0-9]$/.test(answer) && Number(answer) >= 1 && Number(answer) <= most) return Number(answer);
  }
}

interface Rule {
  readonly text: string;
  readonly pattern: RegExp;
  readonly hint: string;
  readonly secret?: boolean;
  /** An empty answer will do. */
  readonly optional?: boolean;
}

async function valid(ask: Ask, say: Say, rule: Rule): Promise<string> {
  for (;;) {
    const answer = await ask(`${rule.text}: `, { hidden: rule.secret ?? false });
    if (rule.pattern.test(answer) || (rule.optional && answer === '')) return answer;
    say(`That cannot be: ${rule.hint}`);
  }
}

/** What will be written, a line each; secrets only as stars. */
export function summaryOf({ config, secrets }: Answers): readonly string[] {
  const written = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null));
  return linesIn(written, '').map(
    ([key, value]) => `  ${key}: ${secrets.includes(key) ? '********' : value}`,
  );
}

function linesIn(section: Section, prefix: string): readonly (readonly [string, string])[] {
  return Object.entries(section).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? linesIn(value as Section, `${prefix}${key}.`)
      : [[`${prefix}${key}`, Array.isArray(value) ? value.join(', ') : String(value)] as const],
  );
}
