// OpenAiRealtime: a stand-in for OpenAI's realtime voice API on loopback, in the messages the host's own provider speaks.
import type { IncomingMessage } from 'node:http';
import { OpenAiRealtimeSession } from './openai-realtime-session.ts';
import { type Connected, VoiceModelServer } from './voice-model-server.ts';

/** `baseUrl` is for `realtime.providers.openai.azureEndpoint`, without an `azureDeployment`. */
export class OpenAiRealtime extends VoiceModelServer<OpenAiRealtimeSession> {
  protected override refusal(url: URL, headers: IncomingMessage['headers']): number | undefined {
    if (url.pathname !== '/v1/realtime') return 404;
    if (headers.authorization !== `Bearer ${this.apiKey}`) return 401;
    return url.searchParams.get('model') ? undefined : 400;
  }

  protected override connected(about: Connected): OpenAiRealtimeSession {
    return new OpenAiRealtimeSession(this, about);
  }
}
