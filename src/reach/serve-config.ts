// ServeConfig: what `tailscale serve status --json` says is led where; read only, every piece of it may be missing.

type Json = Readonly<Record<string, unknown>>;

/** What Tailscale shows on one HTTPS port of this machine. */
export interface PortRoutes {
  /** True: TCP of this port goes somewhere else, so no path can be shown on it. */
  readonly isTaken: boolean;
  /** The internet reaches it, not only the tailnet. */
  readonly isFunnel: boolean;
  /** By path; the target as it was given, or a word for what is no proxy. */
  readonly handlers: ReadonlyMap<string, string>;
}

/** Throws SyntaxError when the text is no JSON. An empty text is an empty configuration. */
export function routesOn(text: string, host: string, port: number): PortRoutes {
  const config = text.trim() === '' ? {} : fieldsOf(JSON.parse(text));
  // Beside what runs in the background there may be what a person runs in a terminal just now.
  const configs = [config, ...Object.values(fieldsOf(config['Foreground'])).map(fieldsOf)];
  const at = `${host}:${port}`;
  const handlers = new Map(
    configs.flatMap(({ Web }) =>
      Object.entries(fieldsOf(fieldsOf(fieldsOf(Web)[at])['Handlers'])).map(
        ([path, handler]) => [path, targetOf(fieldsOf(handler))] as const,
      ),
    ),
  );
  return {
    isTaken: configs.some(({ TCP }) => {
      const entry = fieldsOf(TCP)[String(port)];
      return entry !== undefined && fieldsOf(entry)['HTTPS'] !== true;
    }),
    isFunnel: configs.some(({ AllowFunnel }) => fieldsOf(AllowFunnel)[at] === true),
    handlers,
  };
}

function targetOf({ Proxy: proxy, Path: path }: Json): string {
  if (typeof proxy === 'string') return proxy;
  return typeof path === 'string' ? path : 'a text';
}

export function fieldsOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
