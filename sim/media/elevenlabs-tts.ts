// ElevenLabsTts: a stand-in for ElevenLabs' speech endpoints on loopback, which speaks in word-code.
import { toMulaw } from './mulaw.ts';
import { type SpeechAnswer, type SpeechRequest, SpeechServer } from './speech-server.ts';
import { pcmOf } from './wav.ts';

const PATH = /^\/v1\/text-to-speech\/[A-Za-z0-9]{10,40}(\/stream)?$/;
const PCM = /^pcm_(8000|16000|22050|24000|44100)$/;

export class ElevenLabsTts extends SpeechServer {
  /** For `tts.providers.elevenlabs.baseUrl`. */
  get baseUrl(): string {
    return this.origin;
  }

  protected override textIn(body: SpeechRequest['body']): string {
    return String(body['text'] ?? '');
  }

  protected override answer({ path, query, headers, text }: SpeechRequest, method: string): SpeechAnswer {
    if (method !== 'POST' || !PATH.test(path)) return refused(404, 'not_found');
    if (headers['xi-api-key'] !== this.apiKey) return refused(401, 'invalid_api_key');
    if (text === '') return refused(422, 'text is required');
    const format = query.get('output_format') ?? 'mp3_44100_128';
    if (format === 'ulaw_8000') {
      return { contentType: 'audio/basic', bytes: toMulaw(this.voice(text, 8000)), bytesPerMs: 8 };
    }
    const rateHz = Number(PCM.exec(format)?.[1] ?? 0);
    if (rateHz === 0) return refused(400, `output_format ${format} is nothing this stand-in speaks`);
    return {
      contentType: 'audio/pcm',
      bytes: pcmOf(this.voice(text, rateHz)),
      bytesPerMs: (rateHz * 2) / 1000,
    };
  }
}

function refused(status: number, message: string): SpeechAnswer {
  return { status, error: { detail: { status: message, message } } };
}
