// Conformance of Telnyx: every story with every fault, as tests.
import { describeCarrier } from './describe-carrier.ts';

describeCarrier('telnyx');
