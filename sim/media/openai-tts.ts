// OpenAiTts: a stand-in for OpenAI's speech endpoint on loopback, which speaks in word-code.
import { type SpeechAnswer, type SpeechRequest, SpeechServer } from './speech-server.ts';
import { pcmOf, wavOf } from './wav.ts';

const RATE_HZ = 24_000;
const MOST_CHARACTERS = 4096;

export class OpenAiTts extends SpeechServer {
  /** For `tts.providers.openai.baseUrl`. */
  get baseUrl(): string {
    return `${this.origin}/v1`;
  }

  protected override textIn(body: SpeechRequest['body']): string {
    return String(body['input'] ?? '');
  }

  protected override answer({ path, headers, body, text }: SpeechRequest, method: string): SpeechAnswer {
    if (method !== 'POST' || path !== '/v1/audio/speech') return refused(404, 'unknown url');
    if (headers.authorization !== `Bearer ${this.apiKey}`) return refused(401, 'Incorrect API key provided');
    if (text === '' || text.length > MOST_CHARACTERS) return refused(400, 'input has no sound length');
    if (typeof body['model'] !== 'string' || typeof body['voice'] !== 'string') {
      return refused(400, 'model and voice are required');
    }
    const samples = this.voice(text, RATE_HZ);
    const bytesPerMs = (RATE_HZ * 2) / 1000;
    const format = body['response_format'] ?? 'mp3';
    if (format === 'pcm') return { contentType: 'audio/pcm', bytes: pcmOf(samples), bytesPerMs };
    if (format === 'wav') return { contentType: 'audio/wav', bytes: wavOf(samples, RATE_HZ), bytesPerMs };
    return refused(400, `${String(format)} is nothing this stand-in speaks`);
  }
}

function refused(status: number, message: string): SpeechAnswer {
  return { status, error: { error: { message, type: 'invalid_request_error', param: null, code: null } } };
}
