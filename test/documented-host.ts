// DocumentedHost: the commands of OpenClaw that the documents tell, and how test/e2e/docs.test.ts runs each.

export interface HostCommand {
  readonly command: RegExp;
  /** What is really run; null: as it is written. */
  readonly args: readonly string[] | null;
  /** What it prints when it did what we say it does. */
  readonly prints: RegExp;
}

export const hostCommands: readonly HostCommand[] = [
  { command: /^openclaw plugins list$/, args: null, prints: /voice-call/ },
  { command: /^openclaw plugins doctor$/, args: null, prints: /checks passed/ },
  { command: /^openclaw plugins reload voice-call$/, args: null, prints: /voice-call/ },
  { command: /^openclaw gateway status$/, args: null, prints: /ok|running|reachable/i },
  { command: /^openclaw agents list$/, args: null, prints: /main/ },
  { command: /^openclaw models status$/, args: null, prints: /demo\/receptionist/ },
  { command: /^openclaw logs$/, args: null, prints: /Log file: / },
  { command: /^openclaw secrets audit$/, args: null, prints: /./ },
  { command: /^openclaw config set$/, args: ['config', 'set', '--help'], prints: /Usage/ },
  { command: /^openclaw config set \S+ \S+$/, args: null, prints: /inboundPolicy/ },
  { command: /^openclaw devices approve <\w+>$/, args: ['devices', 'approve', '--help'], prints: /Usage/ },
];
