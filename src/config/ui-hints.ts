// UiHints: how the host's settings page labels our options; the keys are checked against the schema by a test.

interface UiHint {
  readonly label: string;
  readonly placeholder?: string;
  /** Never shown once entered. */
  readonly sensitive?: boolean;
  /** Folded away until asked for. */
  readonly advanced?: boolean;
}

export const uiHints: Readonly<Record<string, UiHint>> = {
  provider: { label: 'Carrier' },
  fromNumber: { label: 'Number we call from', placeholder: '+15550001234' },
  toNumber: { label: 'Number we call by default', placeholder: '+15550001234' },
  'twilio.accountSid': { label: 'Twilio account SID' },
  'twilio.authToken': { label: 'Twilio auth token', sensitive: true },
  'twilio.region': { label: 'Twilio region', advanced: true },
  'twilio.apiBaseUrl': { label: 'Twilio simulator address', advanced: true },
  'telnyx.apiKey': { label: 'Telnyx API key', sensitive: true },
  'telnyx.connectionId': { label: 'Telnyx connection ID' },
  'telnyx.publicKey': { label: 'Telnyx public key', sensitive: true },
  'telnyx.apiBaseUrl': { label: 'Telnyx simulator address', advanced: true },
  'plivo.authId': { label: 'Plivo auth ID' },
  'plivo.authToken': { label: 'Plivo auth token', sensitive: true },
  'plivo.apiBaseUrl': { label: 'Plivo simulator address', advanced: true },
  'mock.says': { label: 'Lines of the scripted person', advanced: true },
  'mock.answerAfterMs': { label: 'Mock: rings for (ms)', advanced: true },
  'mock.pace': { label: 'Mock: speed of speech', advanced: true },
  inboundPolicy: { label: 'Who may call' },
  allowFrom: { label: 'Numbers that may call' },
  inboundGreeting: { label: 'Greeting for callers', advanced: true },
  numbers: { label: 'Differences by number called', advanced: true },
  'outbound.defaultMode': { label: 'Default mode of calls' },
  'outbound.notifyHangupDelaySec': { label: 'Pause before hanging up (s)', advanced: true },
  maxDurationSeconds: { label: 'Longest call (s)', advanced: true },
  ringTimeoutMs: { label: 'Ring at most (ms)', advanced: true },
  transcriptTimeoutMs: { label: 'Wait for the caller at most (ms)', advanced: true },
  maxConcurrentCalls: { label: 'Calls at the same time', advanced: true },
  maxInboundCalls: { label: 'Callers at the same time', advanced: true },
  staleCallReaperSeconds: { label: 'Give up an unanswered call after (s)', advanced: true },
  'serve.port': { label: 'Webhook port' },
  'serve.bind': { label: 'Webhook address' },
  'serve.path': { label: 'Webhook path' },
  publicUrl: { label: 'Public webhook URL', placeholder: 'https://voice.example.com/voice/webhook' },
  'webhookSecurity.allowedHosts': { label: 'Forwarded host names believed', advanced: true },
  'webhookSecurity.trustForwardingHeaders': { label: 'Believe any forwarded host', advanced: true },
  'webhookSecurity.trustedProxyIPs': { label: 'Proxies believed', advanced: true },
  skipSignatureVerification: { label: 'Believe unsigned webhooks (local simulator only)', advanced: true },
  'streaming.enabled': { label: 'Live audio' },
  'streaming.provider': { label: 'Who transcribes' },
  'streaming.streamPath': { label: 'Path of media streams', advanced: true },
  'streaming.providers': { label: 'Transcription options', advanced: true },
  'streaming.interruptSensitivity': { label: 'How easily callers interrupt', advanced: true },
  'streaming.preStartTimeoutMs': { label: 'Media stream must begin within (ms)', advanced: true },
  'streaming.maxPendingConnections': { label: 'Pending media streams', advanced: true },
  'streaming.maxPendingConnectionsPerIp': { label: 'Pending media streams per address', advanced: true },
  'streaming.maxConnections': { label: 'Media streams at the same time', advanced: true },
  silenceTimeoutMs: { label: 'Silence that ends a turn (ms)', advanced: true },
  agentId: { label: 'Agent that owns calls' },
  sessionScope: { label: 'What calls remember', advanced: true },
  responseModel: { label: 'Model for answers', advanced: true },
  responseSystemPrompt: { label: 'Instructions for answers', advanced: true },
  responseTimeoutMs: { label: 'Think at most (ms)', advanced: true },
  language: { label: 'Language', placeholder: 'en-US' },
  voice: { label: 'Voice', advanced: true },
  tts: { label: 'Speech options', advanced: true },
  store: { label: 'Folder of the call store', advanced: true },
};
