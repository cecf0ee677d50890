// Capsule: who the agent is, for a voice model's instructions: its identity and files of its workspace, bounded.
import { constants } from 'node:fs';
import { lstat, open, realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import type { RealtimeSettings } from '../config/realtime.ts';
import { reasonOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

export interface CapsuleDeps {
  readonly log: Log;
  readonly context: NonNullable<RealtimeSettings['agentContext']>;
  readonly agentId: string;
  readonly workspaceDir: string;
  /** As the host's configuration has it. */
  readonly identity: Readonly<Record<string, unknown>> | undefined;
}

const CUT = '[truncated]';
const IDENTITY = ['name', 'emoji', 'vibe', 'theme', 'creature'] as const;
/** No character of a text takes more. */
const BYTES_PER_CHAR = 4;

/** At most `maxChars` long. Files that cannot be read, or lie outside of the workspace, are left out. */
export async function capsule(deps: CapsuleDeps): Promise<string> {
  const { context, agentId } = deps;
  const { maxChars } = context;
  const parts = [`Agent: ${agentId}`, ...(context.includeIdentity ? identityLines(deps) : [])];
  for (const file of context.files) {
    if (parts.join('\n').length > maxChars) break;
    const text = await textOf(deps, file);
    if (text !== null) parts.push(`\n${file}:\n${text.trim()}`);
  }
  return cut(parts.join('\n'), maxChars);
}

function identityLines({ identity = {} }: CapsuleDeps): readonly string[] {
  return IDENTITY.flatMap((key) => {
    const value = identity[key];
    const text = typeof value === 'string' ? value.replace(/[\s\p{Cc}]+/gu, ' ').trim() : '';
    return text === '' ? [] : [`${key}: ${text}`];
  });
}

function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = text.slice(0, Math.max(0, maxChars - CUT.length - 1));
  // Not in the middle of a pair that is one character.
  return `${kept.replace(/[\uD800-\uDBFF]$/u, '')}\n${CUT}`.slice(0, maxChars);
}

async function textOf(deps: CapsuleDeps, file: string): Promise<string | null> {
  const { log, context, agentId } = deps;
  try {
    const path = await insideOf(deps.workspaceDir, file);
    if (path !== null) return await beginningOf(path, (context.maxChars + 1) * BYTES_PER_CHAR);
    log.warn('a file for the voice model lies outside of the workspace', { agentId, file });
  } catch (error) {
    if (!isMissing(error)) {
      log.warn('a file for the voice model cannot be read', { agentId, file, why: codeOf(error) });
    }
  }
  return null;
}

/** Where it really is; null when that is somewhere else. */
async function insideOf(workspaceDir: string, file: string): Promise<string | null> {
  if (isAbsolute(file)) return null;
  const root = await realpath(workspaceDir);
  const path = await realpath(join(root, file));
  const isInside = path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
  return isInside && (await lstat(path)).isFile() ? path : null;
}

async function beginningOf(path: string, maxBytes: number): Promise<string> {
  // Between the look and the reading it may have become a link, or something that never ends.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(Math.min(maxBytes, (await handle.stat()).size));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : reasonOf(error);
}
