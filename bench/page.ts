// Page: docs/performance.md, from the result of the last whole run of `npm run bench`.
import { readFileSync } from 'node:fs';
import { limitText } from './figures.ts';
import { isRowKept, type Result, type ResultRow } from './result.ts';
import { figure, partTable } from './table.ts';

/** The result of the last whole run, and the document that is printed from it. */
export const LATEST = 'bench/results/latest.json';
export const PAGE = 'docs/performance.md';

/** What stands in the document by hand: what each part measures, and beside what. */
const PARTS: Readonly<Record<string, { readonly title: string; readonly text: string }>> = {
  turn: {
    title: 'A turn on live audio',
    text: `A caller of a stand-in phone company speaks, listens and interrupts; the transcriber, the model and the voice are
stand-ins that take exactly as long as they are told: 640 ms of silence until the final words, 200 ms to the first
token, a token every 20 ms, 150 ms to the first sound. *The ideal pipeline* is what they took themselves: no telephone can
be quicker. *Own time* is what is left when that is taken off. The *batch way* waits for the whole answer, then for the
whole sound, as most voice bots do. Greetings and single frames stand beside a frame that goes to a bare \`ws\` server and
comes back. *Decision -> clear* is from our deciding that the caller interrupts to the carrier's being told to throw away what it
still has of us; the *transcription port* is where we hand a caller's sound to whoever transcribes. In the rows called *busy* the
thread of the Gateway is blocked for 200 ms of every 900, as thinking agents do.`,
  },
  realtime: {
    title: 'A voice model on the line',
    text: `What we add to a frame between the carrier's socket and a speech-to-speech model, each way. The bare relay is a
\`ws\` server that does nothing but unpack the frame and hand it on; it has one thread, where ours has the thread of the
line and that of the Gateway, so that a busy Gateway never makes a caller wait.`,
  },
  webhooks: {
    title: 'Webhooks',
    text: `Calls of twenty turns: every webhook is signed as its carrier signs, comes over real HTTP, and is answered after its
step is saved. The bare server is \`node:http\` that reads the same bytes and answers with the same bytes, without
verifying, deciding or saving anything.`,
  },
  journal: {
    title: 'Saving a step',
    text: `Steps that begin or end a call wait for the disk; the others survive a crash of the process. Beside each
stands the least one could do.`,
  },
  gateway: {
    title: 'The Gateway and the commands',
    text: `A real OpenClaw Gateway with the plugin as it is packed (Twilio with media streams, a transcriber and a voice) beside
one without it. \`voicecall\` is our own quick command, \`openclaw voicecall\` the same through OpenClaw, whose own start
takes most of it.`,
  },
  media: {
    title: 'Calls on one line thread',
    text: `Two-way calls, 50 frames a second each way, all on the one thread that carries live audio, beside a bare \`ws\` server
that sends every frame back. Frames are even while the p99 of |gap - 20 ms| is at most 10 ms; the *knee* is the
largest number of calls for which they are. On a machine that is not quiet they lie far apart from round to
round: the file of the result has each, the notes below are of the last. What a frame costs stands in [inside.md](inside.md#what-a-frame-costs).`,
  },
};

export function performanceDoc(): string {
  const result = JSON.parse(textOf(LATEST)) as Result;
  const { version, at, machine, loadBefore, seconds, parts } = result;
  const sections = parts.map(({ name, rounds, notes }) => {
    const { title, text } = PARTS[name] ?? { title: name, text: '' };
    const said = notes.map((note) => `- ${note}`).join('\n');
    const body = [text, `${rounds} round${rounds === 1 ? '' : 's'}.`, partTable(result, name), said];
    return `## ${title}\n\n${body.filter((one) => one !== '').join('\n\n')}`;
  });
  return `# Performance

Printed by \`npm run bench\` from \`${LATEST}\`; do not edit. Version ${version}, ${at.slice(0, 10)}.

The machine: ${machine.cores} x ${machine.processor}, Node ${machine.node}; ${Math.round(seconds / 60)} minutes in all, load average before ${figure(loadBefore)}${loadBefore > 0.5 ? ': **the machine was not quiet, and the figures are the worse for it**' : ''}.

Everything is on loopback: no carrier, provider or network is in these figures. Milliseconds, where nothing else is
said; *count* is how many were measured. A *ratio* is the p50 of a row by the p50 of what it names, measured in the same run.
Where more is better (calls, refusals, shares), p95 is what 95 of 100 reach. A *limit* is what we ask of ourselves on a
quiet machine; one that is missed is named, and calls go on all the same. What a caller waits for is mostly not here but
the time of your providers and of your agent: \`voicecall latency\` shows it.

## Repeat it

\`\`\`sh
npm run bench
npm run bench:compare -- bench/results/${version}.json bench/results/latest.json
\`\`\`

The first takes about a quarter of an hour on two cores and wants a machine that does nothing else. It prints one
table, and writes \`${LATEST}\` and this document; the first run of a version is kept beside it under
its number. The second says what got worse or better than in another result, beyond the noise: the parts are run in
rounds that take turns, and a row counts as worse when its middle round moved by more than the rounds of both results
lie apart together. Of results from different machines only the ratios are compared.

## Limits

${limitsOf(result.rows)}

${sections.join('\n\n')}

## Measured elsewhere

- \`npm run bench:overload\`: calls until new ones are turned away, and what those that run notice of it.
- \`npm run load\`: 200 calls of all carriers and modes while everything around them fails; its report is docs/load.md.
- \`node bench/dsp.ts\`: what sound costs frame by frame, and how well the detector of voice finds it.
- \`node bench/playout.ts\`, \`node bench/meter.ts\`: the media engine alone, without sockets; a line somebody looks at.
- \`node bench/offline.ts\`: the embedded voice and ear.
`;
}

/** The misses by name, what is kept by number. */
function limitsOf(rows: readonly ResultRow[]): string {
  const limited = rows.filter((row) => isRowKept(row) !== null);
  const missed = limited.filter((row) => isRowKept(row) === false);
  const kept = `${limited.length - missed.length} of ${limited.length} limits are kept.`;
  if (missed.length === 0) return kept;
  const lines = missed.map(
    (row) =>
      `- ${row.what}: p50 ${figure(row.p50)}, p95 ${figure(row.p95)}, p99 ${figure(row.p99)}; asked: ${limitText(row)}`,
  );
  return `${kept} Missed:\n\n${lines.join('\n')}`;
}

function textOf(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
}
