// Meta: what the schema says about a key beside its type: for the settings page, the manifest and the documents.
import type { Settings } from './settings.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** On the host's settings page; a key without one is not shown by itself there. */
    readonly label?: string;
    readonly placeholder?: string;
    /** Folded away on the settings page until asked for. */
    readonly advanced?: true;
    /** Never shown on the settings page once entered. */
    readonly sensitive?: true;
    /** What stands here or below never appears in a message. Credentials are so anyway. */
    readonly unshown?: true;
    /** The environment variable that stands in when the configuration is silent. */
    readonly env?: string;
    /** The value that `openclaw doctor` and `openclaw security audit` warn of. */
    readonly dangerous?: string | boolean;
    /**
     * What it becomes, and that the telephone is built of that: a change here or below builds it anew, and calls move
     * there. Without it the next call has it, as it is read anew for every call.
     */
    readonly rebuilds?: keyof Settings;
  }
}

/** The names above, which are ours and not JSON Schema. */
export const META_KEYS = [
  ...['label', 'placeholder', 'advanced', 'sensitive', 'unshown', 'env', 'dangerous', 'rebuilds'],
] as const;
