// Complaint: what a failed installation means, in one sentence with a cure. Runs on Node 18 or later.

/** A failure said in one sentence, with what the person can do about it. */
export class Trouble extends Error {
  constructor(message, cure, detail = '') {
    super(message);
    this.cure = cure;
    this.detail = detail;
  }
}

/** What npm's complaints mean, first match wins. */
const complaints = [
  [
    /npm: not found|not recognized as an internal/,
    'npm was not found.',
    'Install Node with npm (nodejs.org), 18 or later.',
  ],
  [/ENOSPC|no space left/i, 'The disk is full.', 'Free about 1.5 GB and run the command again.'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network/i,
    'The npm registry could not be reached.',
    'Only the first start needs a network. Check the connection, or the proxy and registry in your npm configuration.',
  ],
  [
    /EACCES|EPERM|EROFS/,
    'This folder may not be written to.',
    'Correct its owner or permissions, then run the command again.',
  ],
  [/EINTEGRITY/, 'A downloaded package is damaged.', 'Run "npm cache verify", then run the command again.'],
  [
    /EUSAGE|in sync/,
    'package.json and package-lock.json disagree.',
    'Run "npm install" once, or restore both files with git.',
  ],
  [
    /E40[134]/,
    'The npm registry refused a package.',
    'Check the registry and login in your npm configuration.',
  ],
  [
    /EBADPLATFORM|ETARGET|notsup/,
    `There is no Node 24 for ${process.platform}-${process.arch}.`,
    'Install Node 24.16 or later yourself (nodejs.org).',
  ],
];

export function explain(said) {
  const found = complaints.find(([pattern]) => pattern.test(said));
  const [, message, cure] = found ?? [
    '',
    'The installation failed.',
    'Read the lines above, then run it again.',
  ];
  return new Trouble(message, cure, withoutHelp(said));
}

/** npm prints its whole manual after some errors. */
function withoutHelp(said) {
  return said
    .replace(/npm error\s*\nnpm error Clean install a project[\s\S]*?(?=npm error A complete log|$)/, '')
    .trim();
}
