// inputAttributes: what a GetInput's attributes mean, with Plivo's defaults, and how its result is told.
import type { InputResult, InputRules } from './input.ts';
import type { Element } from './plivo-xml.ts';
import type { TwinSettings } from './settings.ts';
import type { Params } from './signature.ts';

export function rulesOf({ attributes }: Element, settings: TwinSettings): InputRules {
  const kinds = (attributes['inputType'] ?? '').split(' ');
  const seconds = (name: string, usualMs: number): number => {
    const given = attributes[name];
    return given === undefined || given === 'auto' ? usualMs : Number(given) * 1000;
  };
  const finish = attributes['finishOnKey'] ?? '#';
  return {
    takesSpeech: kinds.includes('speech'),
    takesDigits: kinds.includes('dtmf'),
    executionMs: seconds('executionTimeout', 15_000),
    digitEndMs: seconds('digitEndTimeout', settings.autoDigitEndMs),
    speechEndMs: seconds('speechEndTimeout', settings.autoSpeechEndMs),
    finishOnKey: finish === 'none' ? '' : finish,
    mostDigits: Number(attributes['numDigits'] ?? 32),
    bargeIn: settings.speechBargeIn,
  };
}

export function inputParams(result: Exclude<InputResult, { kind: 'nothing' }>): Params {
  const billed: Params = [['BilledAmount', result.kind === 'speech' ? '0.02' : '0.00']];
  if (result.kind === 'digits') {
    return [['InputType', 'dtmf'], ['Digits', result.digits], ['Speech', ''], ...billed];
  }
  const confidence: Params =
    result.confidence === undefined ? [] : [['SpeechConfidenceScore', `${result.confidence}`]];
  return [['InputType', 'speech'], ['Digits', ''], ['Speech', result.text], ...confidence, ...billed];
}
