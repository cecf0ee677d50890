// XmlTree: an XML document read by a strict parser, so that documents are compared by what they mean.
import { SaxesParser } from 'saxes';

export interface XmlTree {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlTree | string)[];
}

interface Growing {
  name: string;
  attributes: Record<string, string>;
  children: (Growing | string)[];
}

/** The root element; throws on anything that is not well-formed. */
export function treeOf(xml: string): XmlTree {
  const top: Growing = { name: '', attributes: {}, children: [] };
  const open: Growing[] = [top];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const node: Growing = { name, attributes: { ...attributes }, children: [] };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', (text) => {
    if (open.length > 1) open.at(-1)?.children.push(text);
  });
  parser.write(xml).close();
  const [root] = top.children;
  if (root === undefined || typeof root === 'string') throw new Error('there is no root element');
  return root;
}

/** The elements called `name`, in document order. */
export function elements(tree: XmlTree, name: string): readonly XmlTree[] {
  const inside = tree.children.flatMap((child) => (typeof child === 'string' ? [] : elements(child, name)));
  return tree.name === name ? [tree, ...inside] : inside;
}

/** All text below an element. */
export function textOf(tree: XmlTree): string {
  return tree.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}
