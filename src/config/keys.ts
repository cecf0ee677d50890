// Keys: every key of the schema with what it says of it, found from the schema itself.
import * as z from 'zod';
import { configSchema } from './schema.ts';

/** A JSON Schema (draft 7) with our own words about each key in it; see meta.ts. */
export interface Node extends z.core.GlobalMeta {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
}

export interface Key {
  /** Dotted; `*` is any key of a map. */
  readonly path: string;
  readonly node: Node;
}

let tree: Node | null = null;
let list: readonly Key[] | null = null;

/** The whole schema. */
export function schemaTree(): Node {
  tree ??= z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }) as Node;
  return tree;
}

/** Every key there is: `provider`, `twilio`, `twilio.region`, `streaming.providers.*.apiKey`, ... */
export function keys(): readonly Key[] {
  list ??= keysIn(schemaTree(), '');
  return list;
}

/** Does it take a SecretRef beside text? */
export function takesSecret(node: Node): boolean {
  return node.anyOf?.some(({ properties }) => properties?.['source'] !== undefined) ?? false;
}

/** Every key the host may find a SecretRef at. */
export function secretKeys(): readonly string[] {
  return keys().flatMap(({ path, node }) => (takesSecret(node) ? [path] : []));
}

/** Whose values, and those of what they stand in, never appear in a message: a swapped SID may be the token. */
export function isUnshown(path: readonly PropertyKey[]): boolean {
  const along = nodesAlong(path);
  const last = along.at(-1);
  return along.some(isSecret) || (last !== undefined && keysIn(last, '').some(({ node }) => isSecret(node)));
}

function isSecret(node: Node): boolean {
  return node.unshown === true || takesSecret(node);
}

function keysIn({ properties = {}, additionalProperties: others }: Node, prefix: string): readonly Key[] {
  const named = Object.entries(properties).flatMap(([name, node]): readonly Key[] => [
    { path: `${prefix}${name}`, node },
    ...keysIn(node, `${prefix}${name}.`),
  ]);
  return [...named, ...(typeof others === 'object' ? keysIn(others, `${prefix}*.`) : [])];
}

/** What the schema says along a concrete path, as far as it knows it. */
function nodesAlong(path: readonly PropertyKey[]): readonly Node[] {
  const nodes: Node[] = [];
  let node: Node | undefined = schemaTree();
  for (const step of path) {
    node = inner(node, step);
    if (node === undefined) break;
    nodes.push(node);
  }
  return nodes;
}

function inner(node: Node, step: PropertyKey): Node | undefined {
  if (typeof step === 'number') return node.items;
  const { properties = {}, additionalProperties: others } = node;
  if (Object.hasOwn(properties, step)) return properties[String(step)];
  return typeof others === 'object' ? others : undefined;
}
