// Architecture: who may import whom and which words live where, as ARCHITECTURE.md says; and habits of the house.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** Room -> rooms it may import. ARCHITECTURE.md holds the same table, and a test below compares them. */
const IMPORTS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  call: [],
  config: ['call', 'lib'],
  media: ['lib'],
  carrier: ['call', 'media', 'lib'],
  conversation: ['call', 'media', 'lib'],
  record: ['call', 'lib'],
  runtime: ['call', 'carrier', 'conversation', 'record', 'lib'],
  feed: ['call', 'conversation', 'media', 'lib'],
  ingress: ['carrier', 'record', 'media', 'lib'],
  reach: ['ingress', 'carrier', 'config', 'lib'],
  line: ['ingress', 'carrier', 'media', 'lib'],
  handset: ['carrier', 'call', 'lib'],
  offline: ['conversation', 'media', 'lib'],
  caller: ['handset', 'media', 'lib'],
  operation: ['runtime', 'record', 'handset', 'call', 'lib'],
  setup: ['carrier', 'conversation', 'media', 'config', 'lib'],
  surface: ['caller', 'offline', 'setup', 'operation', 'config', 'reach', 'lib'],
  console: ['call', 'feed', 'handset', 'operation', 'record', 'media', 'lib'],
  bin: ['surface', 'config', 'record', 'reach', 'lib'],
  host: [
    'app.ts',
    'config',
    'conversation',
    'feed',
    'handset',
    'ingress',
    'line',
    'media',
    'offline',
    'operation',
    'reach',
    'record',
    'setup',
    'surface',
    'lib',
  ],
};
/** A page in a browser: of the telephone it knows only what things look like, and what runs anywhere. */
const PAGE = { room: 'console', runs: ['console', 'media', 'lib'] };
/** Files that stand in no room and build the rest. */
const BUILDERS = ['app.ts', 'house.ts', 'speech.ts', 'carriers.ts', 'plan.ts', 'index.ts'];
/** What is bundled into `dist/`: everything else comes with Node or from the host. */
const BUNDLED: Readonly<Record<string, readonly string[]>> = {
  zod: ['caller', 'config', 'operation', 'surface'],
  yaml: ['caller'],
  commander: ['surface', 'bin', 'host'],
  json5: ['config'],
  ws: ['ingress', 'line', 'handset', 'reach'],
  preact: ['console'],
  'preact/hooks': ['console'],
  '@openclaw/gateway-client/browser': ['console'],
};

interface Words {
  readonly what: string;
  readonly word: RegExp;
  /** Rooms and files of src, as path prefixes, where the word may stand. */
  readonly home: readonly string[];
}
/** Words that live in one place; comments and tests may speak of everything. */
const WORDS: readonly Words[] = [
  { what: 'timers', word: /\b(?:setTimeout|setInterval|setImmediate)\b/, home: ['lib/'] },
  { what: 'the time', word: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/, home: ['lib/'] },
  { what: 'randomness', word: /\b(?:randomUUID|randomBytes)\b|\bMath\.random\b/, home: ['lib/'] },
  {
    what: 'carrier names',
    // `allowTwimlFallback` is what other plugins call a parameter of theirs.
    word: /twilio|telnyx|plivo|(?<!allow)twiml/i,
    home: ['carrier/', 'config/', 'carriers.ts'],
  },
  { what: 'the environment', word: /\bprocess\.env\b/, home: ['config/', 'bin/'] },
  { what: 'outgoing HTTP', word: /(?<![.#\w])fetch\(/, home: ['carrier/http.ts'] },
  // The owner's limits stand before it: who dials elsewhere calls whom they please.
  { what: 'dialling', word: /\.dial\(/, home: ['runtime/requests.ts'] },
  { what: 'the database', word: /\bnode:sqlite\b|\bDatabaseSync\b/, home: ['record/'] },
  { what: 'the host', word: /['"]openclaw(?:\/|['"])/, home: ['host/', 'index.ts'] },
  {
    what: 'other programs',
    word: /\bnode:child_process\b|\bexecFile\b/,
    home: ['reach/', 'offline/fetch-parts.ts'],
  },
  // The header is one a proxy sends; the command line asks for a tunnel by its name.
  {
    what: 'tunnels',
    word: /ngrok(?!-forwarded-host)|tailscale/i,
    home: ['reach/', 'config/', 'surface/cli/'],
  },
  { what: 'opening a port', word: /\bcreateServer\(/, home: ['ingress/'] },
  { what: 'threads', word: /\bnew Worker\(/, home: ['line/', 'offline/'] },
  {
    what: 'comparing secrets',
    word: /\btimingSafeEqual\b/,
    home: ['lib/'],
  },
  { what: 'signatures', word: /\bcreateHmac\b/, home: ['carrier/', 'ingress/'] },
  {
    what: 'the terminal',
    word: /\bprocess\.(?:stdin|stdout|stderr)\b/,
    home: ['surface/', 'bin/', 'index.ts'],
  },
  { what: 'the console', word: /\bconsole\.\w+\(/, home: [] },
  { what: 'the global slot', word: /\bglobalThis\b/, home: ['host/', 'index.ts'] },
];
/** Checks that are switched off; a rule of the linter may be, where the reason stands beside it. */
const SUPPRESSED = new RegExp(
  `@ts-(?:${'ignore'}|${'expect-error'}|${'nocheck'})|biome-${'ignore'} [\\w/]+:?\\s*$`,
  'm',
);
/**
 * Lines of code, without blanks and comments. A longer file with one clear idea beats three that must be read
 * together, so the limit is only for god files; that most files are short is what keeps the house readable.
 */
const LINES = { median: 100, p90: 250, max: 400 };

interface Source {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The text without comments; strings, templates and expressions stay. */
  readonly code: string;
  readonly isTest: boolean;
}

function sourcesIn(folder: string): readonly Source[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .map((path) => {
      const text = readFileSync(join(start, path), 'utf8');
      return {
        path: `${folder}/${path.replaceAll('\\', '/')}`,
        text,
        code: withoutComments(text),
        isTest: path.endsWith('.test.ts'),
      };
    });
}

/** Literals are matched before comments, so that `//` inside a string or an expression is not one. */
function withoutComments(text: string): string {
  const literal = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`/.source;
  const expression = /(?<=[(,=:[!&|?{};]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/
    .source;
  const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//.source;
  return text.replace(new RegExp(`(${literal}|${expression})|${comment}`, 'g'), '$1');
}

/** What a file names in import and export statements and in import(). */
function importsOf(source: Source): readonly string[] {
  const named = /^\s*(?:import|export)\b[^'"`;=(]*?\bfrom\s*['"]([^'"\n]+)['"]/gm;
  const bare = /^\s*import\s*['"]([^'"\n]+)['"]/gm;
  const called = /\bimport\(\s*['"]([^'"\n]+)['"]/g;
  return [named, bare, called].flatMap((pattern) =>
    [...source.code.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
}

/** `src/call/floor.ts` -> `call`; `src/app.ts` -> `app.ts`. */
function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

/** A room may import its own files and the rooms of its row; the builders may import every room. */
function faultsOfImports(source: Source): readonly string[] {
  const room = roomOf(source.path);
  return importsOf(source).flatMap((name) => {
    const fault = name.startsWith('.')
      ? faultOfRoom(room, normalize(join(dirname(source.path), name)))
      : faultOfPackage(room, name);
    return fault === null ? [] : [`${source.path} imports ${name}: ${fault}`];
  });
}

function faultOfRoom(room: string, target: string): string | null {
  if (target === 'package.json' || target === 'openclaw.plugin.json') return null;
  if (!target.startsWith('src/')) return 'src imports nothing outside src';
  const other = roomOf(target);
  if (BUILDERS.includes(room) || other === room) return null;
  const allowed = IMPORTS[room];
  if (!allowed) return `room "${room}" is not in the import table`;
  return allowed.includes(other)
    ? null
    : `${room} may import ${allowed.join(', ') || 'nothing'}, not ${other}`;
}

function faultOfPackage(room: string, name: string): string | null {
  if (name.startsWith('node:')) return null;
  if (builtinModules.includes(name)) return 'built-in modules are named with node:';
  if (name === 'openclaw' || name.startsWith('openclaw/')) return null;
  const homes = BUNDLED[name];
  if (!homes) return 'not bundled: we have no runtime dependencies';
  return homes.includes(room) ? null : `${name} is for ${homes.join(' and ')} only`;
}

/** What the host loads: it takes the default export. */
const ENTRIES: readonly string[] = ['src/index.ts', 'src/console/native.tsx'];

const src = sourcesIn('src').filter((source) => !source.isTest);
const everything = ['src', 'sim', 'test', 'tools', 'bench', 'demo'].flatMap(sourcesIn);
/** The shared suite of all carriers is a test, though its name does not end so. */
const SUITES: ReadonlySet<string> = new Set(['src/carrier/contract.ts']);
const product = src.filter((source) => !SUITES.has(source.path));
const tests = everything.filter((source) => source.isTest || SUITES.has(source.path));

describe('The rooms', () => {
  it('import only what the table allows', () => {
    assert.deepEqual(product.flatMap(faultsOfImports), []);
  });

  it('import all that the table allows them: it promises nothing that is not so', () => {
    const imported = new Map<string, Set<string>>();
    for (const source of product) {
      const room = roomOf(source.path);
      const known = imported.get(room) ?? new Set();
      imported.set(room, known);
      for (const name of importsOf(source).filter((one) => one.startsWith('.')))
        known.add(roomOf(normalize(join(dirname(source.path), name))));
    }
    const idle = Object.entries(IMPORTS).flatMap(([room, rooms]) =>
      rooms
        .filter((other) => !imported.get(room)?.has(other))
        .map((other) => `${room} never imports ${other}`),
    );
    assert.deepEqual(idle, []);
  });

  it('keep their words to themselves', () => {
    const faults = product.flatMap(({ path, code }) =>
      WORDS.filter(({ home }) => !home.some((prefix) => path.startsWith(`src/${prefix}`))).flatMap(
        ({ what, word, home }) => {
          const found = word.exec(code)?.[0];
          const where = home.join(', ') || 'nowhere in src';
          return found === undefined ? [] : [`${path} says ${found}: ${what} may stand in ${where} only`];
        },
      ),
    );
    assert.deepEqual(faults, []);
  });

  it('never use the simulators', () => {
    const faults = product.filter((source) =>
      importsOf(source).some((name) => /(^|\/)(sim|test)\//.test(name)),
    );
    assert.deepEqual(
      faults.map((source) => `${source.path} imports a simulator`),
      [],
    );
  });

  it('of the pure core use no module of Node at all', () => {
    const faults = product
      .filter((source) => roomOf(source.path) === 'call')
      .flatMap((source) => importsOf(source).filter((name) => !name.startsWith('.')));
    assert.deepEqual(faults, []);
  });

  it('are all in the table, and each has its line in ARCHITECTURE.md', () => {
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && sourcesIn(`src/${entry.name}`).length > 0)
      .map((entry) => entry.name);
    for (const room of rooms) assert.ok(IMPORTS[room], `room "${room}" is not in the import table`);
    for (const room of [...rooms, ...BUILDERS]) {
      assert.match(
        page,
        new RegExp(`^\\| \`${room}\` \\|`, 'm'),
        `ARCHITECTURE.md has no line for "${room}"`,
      );
    }
  });

  it('stand in ARCHITECTURE.md with the same imports as in this test', () => {
    const rows = [...page.matchAll(/^\| `([\w.]+)` \| ([^|]*) \|/gm)].map(([, room, may]) => [
      room,
      may?.trim() === 'nothing' ? [] : (may ?? '').split(',').map((name) => name.trim()),
    ]);
    const builders = BUILDERS.map((file) => [file, ['everything']]);
    assert.deepEqual(
      Object.fromEntries(rows.filter(([room]) => room !== undefined)),
      Object.fromEntries([...Object.entries(IMPORTS), ...builders]),
    );
  });
});

describe('The page', () => {
  it('takes only types from the rooms of the telephone, and nothing of Node', () => {
    const statements = /^import (?!type\b)[^'"]*['"]([^'"\n]+)['"]/gm;
    const faults = product
      .filter(({ path }) => roomOf(path) === PAGE.room)
      .flatMap(({ path, code }) =>
        [...code.matchAll(statements)].flatMap(([, name = '']) => {
          const other = name.startsWith('.') ? roomOf(normalize(join(dirname(path), name))) : PAGE.room;
          const isAtHome = PAGE.runs.includes(other) && !name.startsWith('node:');
          return isAtHome ? [] : [`${path} runs ${name}`];
        }),
      );
    assert.deepEqual(faults, []);
  });
});

describe('Every file', () => {
  it('says in its first line what it is, in a sentence', () => {
    const faults = everything.filter(({ text }) => {
      const [first = '', second = ''] = text.split('\n', 2);
      return !/^\/\/ \S.*[.!:;]/.test(first.startsWith('#!') ? second : first);
    });
    assert.deepEqual(
      faults.map(({ path }) => path),
      [],
    );
  });

  it('of src can be read in one go, and most are short', () => {
    const lengths = product.map(({ path, code }) => ({
      path,
      lines: code.split('\n').filter((line) => line.trim() !== '').length,
    }));
    const sorted = lengths.sort((a, b) => a.lines - b.lines);
    const share = { median: 0.5, p90: 0.9, max: 1 };
    for (const name of ['median', 'p90', 'max'] as const) {
      const { path, lines } = sorted[Math.ceil(sorted.length * share[name]) - 1] ?? { path: 'src', lines: 0 };
      assert.ok(lines <= LINES[name], `${path} has ${lines} lines of code; ${name} may be ${LINES[name]}`);
    }
  });

  it('of src has no cast to any, no check suppressed without its reason, no default export but the entry', () => {
    const faults = product.flatMap(({ path, text, code }) => [
      ...(/\bas any\b/.test(code) ? [`${path}: a cast to any`] : []),
      ...(SUPPRESSED.test(text) ? [`${path}: a suppressed check`] : []),
      ...(/\bexport default\b/.test(code) && !ENTRIES.includes(path) ? [`${path}: a default export`] : []),
    ]);
    assert.deepEqual(faults, []);
  });
});

describe('Tests', () => {
  /** Built from pieces, so that this file does not find itself. */
  const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
    ['sleeps', new RegExp(`\\bset${'Timeout'}\\(|timers/${'promises'}|\\bset${'Interval'}\\(`)],
    ['mocks modules', new RegExp(`\\bmock\\.${'module'}\\(`)],
    ['casts away the types', new RegExp(`\\bas ${'any'}\\b|\\bas ${'never'}\\b|\\bas ${'unknown'} as\\b`)],
    ['skips or singles out a test', new RegExp(`\\b(?:it|describe|test)\\.${'(?:skip|only|todo)'}\\(`)],
  ];

  it('do not sleep, mock modules, cast away types, or skip', () => {
    const faults = tests.flatMap(({ path, code }) =>
      FORBIDDEN.filter(([, word]) => word.test(code)).map(([what]) => `${path} ${what}`),
    );
    assert.deepEqual(faults, []);
  });

  it('switch off no check', () => {
    const faults = tests.filter(({ text }) => SUPPRESSED.test(text)).map(({ path }) => path);
    assert.deepEqual(faults, []);
  });

  it('stand beside what they test, or in test/ when it is no single room', () => {
    const faults = tests
      .filter(
        ({ path }) => path.endsWith('.test.ts') && !path.startsWith('src/') && !path.startsWith('test/'),
      )
      .filter(
        ({ path }) =>
          !existsSync(join(root, path.replace('.test.ts', '.ts'))) &&
          !existsSync(join(root, path.replace('.test.ts', '.mjs'))),
      );
    assert.deepEqual(
      faults.map(({ path }) => path),
      [],
    );
  });
});

describe('The checks above', () => {
  const made = (path: string, text: string): Source => ({
    path,
    text,
    code: withoutComments(text),
    isTest: false,
  });

  it('name the room and the rule', () => {
    assert.deepEqual(faultsOfImports(made('src/call/x.ts', "import { a } from '../carrier/carrier.ts';")), [
      'src/call/x.ts imports ../carrier/carrier.ts: call may import nothing, not carrier',
    ]);
    assert.deepEqual(faultsOfImports(made('src/lib/x.ts', "export * from '../call/call.ts';")), [
      'src/lib/x.ts imports ../call/call.ts: lib may import nothing, not call',
    ]);
    assert.deepEqual(faultsOfImports(made('src/ingress/x.ts', "await import('express')")), [
      'src/ingress/x.ts imports express: not bundled: we have no runtime dependencies',
    ]);
    assert.deepEqual(faultsOfImports(made('src/cellar/x.ts', "import '../lib/log.ts';")), [
      'src/cellar/x.ts imports ../lib/log.ts: room "cellar" is not in the import table',
    ]);
    assert.deepEqual(faultsOfImports(made('src/call/x.ts', "import { a } from './call.ts';")), []);
  });

  it('look at code, not at comments, and are not fooled by strings that look like comments', () => {
    const text =
      "const a = 'http://x'; // Date.now()\n/* setTimeout */ const b = /['\"`]/; const c = Date.now();";
    assert.equal(
      withoutComments(text).replace(/\s+/g, ' '),
      "const a = 'http://x'; const b = /['\"`]/; const c = Date.now();",
    );
  });
});
