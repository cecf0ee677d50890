// refusal: Telnyx's error codes with the status and words they come in.

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  /** The JSON pointer to the field that is to blame. */
  readonly pointer: string | undefined;
}

const KNOWN = {
  '10004': [422, 'Missing required parameter'],
  '10005': [404, 'Resource not found'],
  '10007': [500, 'Unexpected error'],
  '10009': [401, 'Authentication failed'],
  '10011': [429, 'Too many requests'],
  '10015': [422, 'Bad Request'],
  '10016': [422, 'Phone number must be in +E164 format'],
  '10032': [422, 'Invalid enumerated value'],
  '10033': [422, 'Value outside of range'],
  '10010': [403, 'Authorization failed'],
  '90015': [422, 'Invalid Call Control ID'],
  '90017': [422, 'Invalid value for client_state'],
  '90018': [422, 'Call has already ended'],
  '90034': [422, 'Call not answered yet'],
  '90041': [403, 'User channel limit exceeded'],
  '90045': [422, 'Command is not possible while media is streamed'],
  '90048': [422, 'Streaming is not in use'],
  '90054': [422, 'Call transcription is already in progress'],
  '90102': [422, 'Answer is not possible on an outbound call'],
} as const satisfies Readonly<Record<string, readonly [status: number, title: string]>>;

export type ErrorCode = keyof typeof KNOWN;

export function refuse(code: ErrorCode, detail: string, pointer?: string): Refusal {
  const [status, title] = KNOWN[code];
  return { status, code, title, detail, pointer };
}

/** The body Telnyx answers with: code and all in strings, a list of them. */
export function errorBody({ code, title, detail, pointer }: Refusal): unknown {
  const meta = { url: `https://developers.telnyx.com/docs/overview/errors/${code}` };
  const error = { code, title, detail, meta };
  return { errors: [pointer === undefined ? error : { ...error, source: { pointer } }] };
}
