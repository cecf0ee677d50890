// DocumentedElsewhere: the commands of the documents that test/e2e/docs.test.ts does not run, and who does.

export interface Elsewhere {
  /** What is documented. */
  readonly command: RegExp;
  /** A file that runs it, and words of it that show where. */
  readonly file: string;
  readonly shows: string;
}

export const elsewhere: readonly Elsewhere[] = [
  { command: /^npm start( -- --once)?$/, file: '.ci/run', shows: 'npm start -- --once' },
  { command: /^npm start -- --model \S+$/, file: 'tools/start-options.test.ts', shows: '--model' },
  { command: /^npm test( -- \S+)?$/, file: '.ci/run', shows: 'npm test' },
  { command: /^npm run check$|^npx biome check/, file: '.ci/run', shows: 'tools/check.ts' },
  { command: /^npm run (build|pack)$/, file: 'test/e2e/package.test.ts', shows: 'packPlugin' },
  {
    command: /^npm install -g \S+\.tgz$/,
    file: 'test/e2e/quick-command.test.ts',
    shows: "'install', '-g', tarball",
  },
  {
    command: /^voicecall --version$/,
    file: 'test/e2e/quick-command.test.ts',
    shows: "execute(command, ['--version']",
  },
  { command: /^npm run docs$/, file: 'test/documented.test.ts', shows: 'prints its documents' },
  { command: /^npm run conformance$/, file: 'test/conformance/twilio.test.ts', shows: 'describeCarrier' },
  { command: /^npm run crash-sweep( -- --quick)?$/, file: 'tools/crash-sweep/sweep.test.ts', shows: 'sweep' },
  {
    command: /^npm run fuzz( -- .+)?$/,
    file: 'tools/fuzz/fuzz.test.ts',
    shows: 'holds its promise on the corpus',
  },
  { command: /^npm run load$/, file: 'tools/load/verdict.test.ts', shows: 'verdict' },
  {
    command: /^openclaw plugins install \S+\.tgz --force --accept-capabilities$/,
    file: 'test/e2e/home.ts',
    shows: "'--force', '--accept-capabilities'",
  },
  { command: /^openclaw gateway run$/, file: 'tools/gateway.ts', shows: "'gateway', 'run'" },
  {
    command: /^openclaw doctor( --fix)?$/,
    file: 'test/e2e/host-verdicts.test.ts',
    shows: "'doctor', '--fix'",
  },
  {
    command: /^openclaw security audit$/,
    file: 'test/e2e/host-verdicts.test.ts',
    shows: "'security', 'audit'",
  },
  {
    command: /voicecall speech add$|^npm ping$/,
    file: 'src/offline/fetch-parts.test.ts',
    shows: 'fetch',
  },
  // Without a name all three that ship, which takes a minute; files of one's own too.
  {
    command: /voicecall rehearse( \.\S+)?$/,
    file: 'test/e2e/test-phone.test.ts',
    shows: "voicecall('rehearse', '--no-sound')",
  },
];

/** They measure, which takes minutes and a quiet machine: only that they are there is tested. */
export const measuring = /^npm run bench(?::\w+)?(?: -- .+)?$/;
