// resource: a call as Plivo's REST API shows it, while it is live and when it is over.
import { randomUUID } from 'node:crypto';
import { type PlivoCall, plivoTime } from './call.ts';

export function liveResource(call: PlivoCall): Record<string, unknown> {
  return {
    api_id: randomUUID(),
    call_status: call.status,
    call_uuid: call.uuid,
    caller_name: call.from,
    direction: call.direction,
    from: call.from,
    to: call.to,
    request_uuid: call.requestUuid,
    session_start: plivoTime(call.createdAt),
    stir_verification: 'Not Applicable',
  };
}

export function finishedResource(call: PlivoCall): Record<string, unknown> {
  const { end, answeredAt } = call;
  return {
    api_id: randomUUID(),
    call_uuid: call.uuid,
    call_direction: call.direction,
    call_duration: call.durationS,
    bill_duration: Math.ceil(call.durationS / 60) * 60,
    from_number: call.from,
    to_number: call.to,
    initiation_time: plivoTime(call.createdAt),
    answer_time: answeredAt === undefined ? null : plivoTime(answeredAt),
    end_time: end ? plivoTime(end.at) : null,
    hangup_cause_code: end?.cause.code ?? null,
    hangup_cause_name: end?.cause.name ?? null,
    hangup_source: end?.cause.source ?? null,
    total_amount: '0.00850',
    resource_uri: `/v1/Account/Call/${call.uuid}/`,
  };
}
