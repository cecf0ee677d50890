// Conformance of Twilio: every story with every fault, as tests.
import { describeCarrier } from './describe-carrier.ts';

describeCarrier('twilio');
