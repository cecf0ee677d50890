// Speaker: what a transcript calls those who speak, wherever a person reads one.

/** Who called us is the caller; whom we called is not. `user` is the human on the line, `bot` is us. */
export function speakerName(
  direction: 'inbound' | 'outbound',
  speaker: 'bot' | 'user',
): 'agent' | 'caller' | 'person' {
  if (speaker === 'bot') return 'agent';
  return direction === 'inbound' ? 'caller' : 'person';
}
