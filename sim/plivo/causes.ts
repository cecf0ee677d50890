// causes: how a call on the Plivo twin may end, with Plivo's code, name and word for it.

export interface HangupCause {
  readonly code: number;
  readonly name: string;
  readonly cause: string;
  readonly source: string;
}

function cause(code: number, name: string, word: string, source: string): HangupCause {
  return { code, name, cause: word, source };
}

export const CAUSES = {
  canceled: cause(1000, 'Cancelled', 'ORIGINATOR_CANCEL', 'API Request'),
  loop: cause(2060, 'Loop Detected', 'EXCHANGE_ROUTING_ERROR', 'Plivo'),
  noAnswer: cause(3000, 'No Answer', 'NO_ANSWER', 'Callee'),
  busy: cause(3010, 'Busy Line', 'USER_BUSY', 'Callee'),
  rejected: cause(3020, 'Rejected', 'CALL_REJECTED', 'Callee'),
  unallocated: cause(3050, 'Unallocated Number', 'UNALLOCATED_NUMBER', 'Carrier'),
  callee: cause(4000, 'Normal Hangup', 'NORMAL_CLEARING', 'Callee'),
  caller: cause(4000, 'Normal Hangup', 'NORMAL_CLEARING', 'Caller'),
  api: cause(4000, 'Normal Hangup', 'NORMAL_CLEARING', 'API Request'),
  xml: cause(4000, 'Normal Hangup', 'NORMAL_CLEARING', 'Answer XML'),
  xmlRejected: cause(3020, 'Rejected', 'CALL_REJECTED', 'Answer XML'),
  xmlBusy: cause(3010, 'Busy Line', 'USER_BUSY', 'Answer XML'),
  endOfXml: cause(4010, 'End Of XML Instructions', 'NORMAL_CLEARING', 'Plivo'),
  timeLimit: cause(6000, 'Scheduled Hangup', 'ALLOTTED_TIMEOUT', 'Plivo'),
  ringTimeout: cause(6010, 'Ring Timeout Reached', 'NO_ANSWER', 'Plivo'),
} as const satisfies Readonly<Record<string, HangupCause>>;

export type DocumentKind = 'answer' | 'action' | 'transfer' | 'redirect';

const LAST_DIGIT: Readonly<Record<DocumentKind, number>> = { answer: 1, action: 2, transfer: 3, redirect: 4 };
const NAMES: Readonly<Record<DocumentKind, string>> = {
  answer: 'Answer',
  action: 'Action',
  transfer: 'Transfer',
  redirect: 'Redirect',
};

/** 7011 to 7014: the address gave no usable answer. */
export function unreachable(kind: DocumentKind): HangupCause {
  return cause(7010 + LAST_DIGIT[kind], `Error Reaching ${NAMES[kind]} URL`, 'NORMAL_CLEARING', 'Error');
}

/** 8011 to 8014: it gave an answer that is no document. */
export function invalid(kind: DocumentKind): HangupCause {
  return cause(8010 + LAST_DIGIT[kind], `Invalid ${NAMES[kind]} XML`, 'NORMAL_CLEARING', 'Error');
}
