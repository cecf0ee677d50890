// Conformance of Plivo: every story with every fault, as tests.
import { describeCarrier } from './describe-carrier.ts';

describeCarrier('plivo');
