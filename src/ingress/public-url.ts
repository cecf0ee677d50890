// PublicUrl: every address a carrier may have used to reach a request, likeliest first.

/**
 * With a configured public address there is exactly one truth: its scheme, host and path with the query of the
 * request. Without one (mock, simulator) the request's own Host header is all we know.
 */
export function urlsOf(request: {
  readonly publicUrl: string | null;
  readonly path: string;
  readonly host: string | undefined;
}): readonly string[] {
  const query = request.path.includes('?') ? request.path.slice(request.path.indexOf('?')) : '';
  if (request.publicUrl !== null) return [`${request.publicUrl}${query}`];
  if (!request.host || !HOST.test(request.host)) return [];
  return [`http://${request.host}${request.path}`, `https://${request.host}${request.path}`];
}

/** A host name or address with an optional port (RFC 3986), nothing a URL could be bent with. */
const HOST = /^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
