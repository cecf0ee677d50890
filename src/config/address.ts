// Address: is this host only reachable from here? Decided on parsed addresses, never on how a name begins.
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const local = new BlockList();
local.addSubnet('0.0.0.0', 8, 'ipv4');
local.addSubnet('127.0.0.0', 8, 'ipv4');
local.addSubnet('10.0.0.0', 8, 'ipv4');
local.addSubnet('172.16.0.0', 12, 'ipv4');
local.addSubnet('192.168.0.0', 16, 'ipv4');
local.addSubnet('169.254.0.0', 16, 'ipv4');
// Carrier-grade NAT, also the addresses of a tailnet: routable for some, never for a phone company.
local.addSubnet('100.64.0.0', 10, 'ipv4');
local.addAddress('::', 'ipv6');
local.addAddress('::1', 'ipv6');
local.addSubnet('fe80::', 10, 'ipv6');
local.addSubnet('fc00::', 7, 'ipv6');

const LOCAL_NAMES = ['localhost', 'local', 'internal', 'home.arpa'];

/** True when nobody outside this machine or network can reach the host of `url` (already parsed and normalised). */
export function isLocalHost(url: URL): boolean {
  return isListed(local, url) || LOCAL_NAMES.some((name) => isNamed(hostOf(url), name));
}

/** True when `url` points back at this machine. */
export function isLoopbackHost(url: URL): boolean {
  return isListed(loopback, url) || isNamed(hostOf(url), 'localhost');
}

/** `text` as an http(s) address, or null. */
export function httpUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url && /^https?:$/.test(url.protocol) ? url : null;
}

/** The WHATWG parser has already turned 127.1, 0x7f000001 and the like into dotted numbers. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isListed(list: BlockList, url: URL): boolean {
  const host = hostOf(url);
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function isNamed(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`);
}
