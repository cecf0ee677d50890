// Operation: the table of everything that can be asked of the telephone.
import { callEvents } from './call-events.ts';
import { continueCall, continueResult, continueStart } from './continue-call.ts';
import { dtmf } from './dtmf.ts';
import { endCall } from './end-call.ts';
import { latency } from './latency.ts';
import { pairingApprove, pairingList } from './pairing.ts';
import { phoneOpen } from './phone-open.ts';
import { initiate, start } from './place-call.ts';
import { ring } from './ring.ts';
import { speak } from './speak.ts';
import { status } from './status.ts';
import { checked } from './verb.ts';
import { watch } from './watch.ts';

export const verbs = {
  initiate: checked(initiate),
  start: checked(start),
  continueCall: checked(continueCall),
  continueStart: checked(continueStart),
  continueResult: checked(continueResult),
  speak: checked(speak),
  dtmf: checked(dtmf),
  endCall: checked(endCall),
  status: checked(status),
  callEvents: checked(callEvents),
  latency: checked(latency),
  watch: checked(watch),
  pairingList: checked(pairingList),
  pairingApprove: checked(pairingApprove),
  ring: checked(ring),
  phoneOpen: checked(phoneOpen),
};
