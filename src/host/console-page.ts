// ConsolePage: the page of calls at an address of its own on the Gateway. Only its files are served here: whoever
// opens it signs in to the Gateway as in the Control UI, by token and paired browser, and sees nothing before.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OpenClawPluginApi } from 'openclaw/plugin-sdk/plugin-entry';

const CONSOLE_PATH = '/plugins/voice-call/console';

/** Nothing from elsewhere, nothing inline, no frame around it; sockets to the Gateway only. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'permissions-policy': 'microphone=(self), camera=(), geolocation=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
} as const;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Calls</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="page.css">
    <script type="module" src="page.js"></script>
  </head>
  <body class="vc-page">
    <main id="console" class="vc-root"></main>
    <noscript>This page needs JavaScript.</noscript>
  </body>
</html>
`;

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export function registerConsolePage(api: OpenClawPluginApi): void {
  api.registerHttpRoute({
    path: CONSOLE_PATH,
    match: 'prefix',
    auth: 'plugin',
    handler: async (request, response) => {
      answer(request, response);
      return true;
    },
  });
}

function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(url, 'http://localhost');
  if (method !== 'GET' && method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  // The names in the page are relative to it, whatever a proxy puts before our path.
  if (pathname.endsWith('/console')) {
    response.writeHead(308, { location: 'console/' }).end();
    return;
  }
  const name = pathname.slice(pathname.lastIndexOf('/') + 1);
  const file = name === '' ? { type: 'text/html; charset=utf-8', body: PAGE } : fileOf(name);
  if (!file) {
    response.writeHead(404, { 'cache-control': 'no-store' }).end();
    return;
  }
  response.writeHead(200, { ...HEADERS, 'content-type': file.type });
  response.end(method === 'HEAD' ? undefined : file.body);
}

/** Beside the bundle; a name is a plain one, so nothing outside of that folder is ever read. */
function fileOf(name: string): { readonly type: string; readonly body: Buffer } | null {
  const [, ending = ''] = /^[\w-]+\.(js|css)$/.exec(name) ?? [];
  const type = TYPES[ending];
  if (type === undefined) return null;
  try {
    return { type, body: readFileSync(new URL(`./console/${name}`, import.meta.url)) };
  } catch {
    return null;
  }
}
