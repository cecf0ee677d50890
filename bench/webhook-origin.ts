// WebhookOrigin: the public address both sides of the webhook bench agree on.
export const ORIGIN = 'https://voice.example.test';
export const PUBLIC_URL = `${ORIGIN}/voice/webhook`;
