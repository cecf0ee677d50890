// GatewayTarget: where the Gateway of this machine is and how to greet it, from its config file and environment.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import JSON5 from 'json5';
import { VoiceCallError } from '../lib/errors.ts';
import { isLocalHost, isLoopbackHost } from './address.ts';
import type { Env } from './parse.ts';

export interface GatewayTarget {
  readonly url: string;
  readonly token: string | null;
  readonly password: string | null;
}

export interface LocalSetup {
  readonly gateway: GatewayTarget;
  /** Where the calls are kept. */
  readonly storeDir: string;
  /** Our own part of the file, as written; "enabled" of the plugin counts too. */
  readonly plugin: Json;
}

type Json = Readonly<Record<string, unknown>>;

const DEFAULT_PORT = 18_789;
/** Names under which a private network is reached; the Gateway's own clients trust the same ones unencrypted. */
const PRIVATE_NAMES = /\.(local|ts\.net)$/;

/** Reads what OpenClaw's own commands would read. Throws VC_GATEWAY_CONFIG when the file or an address is broken. */
export function locateGateway(env: Env): LocalSetup {
  const home = homeOf(env);
  const stateDir = expand(env['OPENCLAW_STATE_DIR'] || join(home, stateFolder(env)), home);
  const configPath = expand(env['OPENCLAW_CONFIG_PATH'] || join(stateDir, 'openclaw.json'), home);
  const config = readConfig(configPath);
  const gateway = objectAt(config, 'gateway');
  const plugin = objectAt(objectAt(objectAt(config, 'plugins'), 'entries'), 'voice-call');
  const store = textAt(objectAt(plugin, 'config'), 'store', env);
  return {
    gateway: checked(targetOf(gateway, env)),
    plugin: pluginOf(plugin, env),
    storeDir: storeFolder(store, stateDir, env),
  };
}

/** Folder of the call store: the configured one (`~` is home), or the one in the Gateway's state. */
export function storeFolder(configured: string | null, stateDir: string, env: Env): string {
  return configured === null ? join(stateDir, 'voice-calls') : expand(configured, homeOf(env));
}

function homeOf(env: Env): string {
  return env['OPENCLAW_HOME'] || env['HOME'] || env['USERPROFILE'] || homedir();
}

/** Secrets only the Gateway can resolve count as there. */
function pluginOf(entry: Json, env: Env): Json {
  const config = withSecrets(objectAt(entry, 'config'), env);
  return entry['enabled'] === false ? { ...config, enabled: false } : config;
}

function withSecrets(section: Json, env: Env): Json {
  return Object.fromEntries(
    Object.entries(section).map(([key, value]) => {
      const inner = asObject(value);
      const isRef = typeof inner['source'] === 'string' && typeof inner['id'] === 'string';
      if (isRef) return [key, textAt(section, key, env) ?? 'secret'];
      return [key, value === inner ? withSecrets(inner, env) : value];
    }),
  );
}

function stateFolder(env: Env): string {
  const profile = env['OPENCLAW_PROFILE'];
  return profile && profile !== 'default' ? `.openclaw-${profile}` : '.openclaw';
}

/** An address from the environment never gets the secrets of the file: they belong to the file's own Gateway. */
function targetOf(gateway: Json, env: Env): GatewayTarget {
  const token = env['OPENCLAW_GATEWAY_TOKEN'] || null;
  const password = env['OPENCLAW_GATEWAY_PASSWORD'] || null;
  const overriding = env['OPENCLAW_GATEWAY_URL'];
  if (overriding) return { url: overriding, token, password };
  const [auth, remote] = [objectAt(gateway, 'auth'), objectAt(gateway, 'remote')];
  const remoteUrl = gateway['mode'] === 'remote' ? textAt(remote, 'url', env) : null;
  const own = (name: string): string | null => textAt(auth, name, env);
  const theirs = (name: string): string | null => textAt(remote, name, env);
  if (remoteUrl !== null) {
    return {
      url: remoteUrl,
      token: theirs('token') ?? token ?? own('token'),
      password: password ?? theirs('password') ?? own('password'),
    };
  }
  return {
    url: localUrl(gateway, env),
    token: own('token') ?? token ?? theirs('token'),
    password: own('password') ?? password ?? theirs('password'),
  };
}

function localUrl(gateway: Json, env: Env): string {
  const scheme = objectAt(gateway, 'tls')['enabled'] === true ? 'wss' : 'ws';
  const port = Number(env['OPENCLAW_GATEWAY_PORT'] || gateway['port'] || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw unusable(`port ${String(env['OPENCLAW_GATEWAY_PORT'] || gateway['port'])} is not a port number`);
  }
  return `${scheme}://127.0.0.1:${port}`;
}

/** The token is not sent over a network in the clear. */
function checked(target: GatewayTarget): GatewayTarget {
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  if (!url || !/^wss?:$/.test(url.protocol)) throw unusable('the address must begin with ws:// or wss://');
  const isPrivate = isLoopbackHost(url) || isLocalHost(url) || PRIVATE_NAMES.test(url.hostname);
  if (url.protocol === 'ws:' && !isPrivate) {
    throw unusable(`ws://${url.host} would send the token unencrypted; use wss://`);
  }
  return target;
}

function readConfig(path: string): Json {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // Without a file the Gateway runs on its defaults, and so do we.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw unusable(`${path} cannot be read`, error);
  }
  try {
    return asObject(JSON5.parse(text));
  } catch (error) {
    throw unusable(`${path} is not valid JSON5`, error);
  }
}

function unusable(why: string, cause?: unknown): VoiceCallError {
  return new VoiceCallError('VC_GATEWAY_CONFIG', { why }, { cause });
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function objectAt(parent: Json, key: string): Json {
  return asObject(Object.hasOwn(parent, key) ? parent[key] : undefined);
}

/** A text, `${NAME}` or a SecretRef to the environment; other secrets are only the Gateway's to resolve. */
function textAt(parent: Json, key: string, env: Env): string | null {
  const value = Object.hasOwn(parent, key) ? parent[key] : undefined;
  if (typeof value === 'string') {
    const name = /^\$\{?([A-Z][A-Z0-9_]*)\}?$/.exec(value)?.[1];
    return (name === undefined ? value : env[name]) || null;
  }
  const ref = asObject(value);
  return ref['source'] === 'env' && typeof ref['id'] === 'string' ? (env[ref['id']] ?? null) : null;
}

function expand(path: string, home: string): string {
  return resolve(path.replace(/^~(?=$|[/\\])/, home));
}
