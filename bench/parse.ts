/** Time to parse a long build file: `node --import tsx bench/parse.ts [lines]`. Prints milliseconds, one line per figure. */
import { performance } from 'node:perf_hooks';
import { parseBuildFile } from '../src/instructions/index.ts';

const BLOCK = [
  'ARG VERSION=3.20',
  'FROM --platform=$BUILDPLATFORM alpine:${VERSION:-latest} AS stage',
  '# what it needs',
  'RUN --mount=type=cache,target=/var/cache/apk apk add --no-cache \\',
  '    bash curl \\',
  '    # for later',
  '    git',
  'ENV PATH="/opt/bin:$PATH" HOME=/root',
  'WORKDIR /src',
  'COPY --chown=1000:1000 --from=stage package.json package-lock.json ./',
  'RUN <<EOF',
  'set -e',
  'make all',
  'EOF',
  'LABEL org.opencontainers.image.title="a title" version=1',
  'EXPOSE 80 443/tcp',
  'HEALTHCHECK --interval=30s CMD curl -f http://localhost/',
  'ENTRYPOINT ["/usr/bin/app", "--verbose"]',
  'CMD ["serve"]',
  '',
];

const lines = Number(process.argv[2] ?? 5000);
const text = Array.from({ length: lines }, (_, index) => BLOCK[index % BLOCK.length]).join('\n');
const first = measure(text);
const runs = Array.from({ length: 15 }, () => measure(text)).sort((a, b) => a - b);
console.log(`first   ${first.toFixed(1)} ms (${lines} lines, ${(text.length / 1024).toFixed(0)} KiB)`);
console.log(`median  ${runs[7]!.toFixed(1)} ms`);
console.log(`least   ${runs[0]!.toFixed(1)} ms`);

function measure(source: string): number {
  const start = performance.now();
  const { diagnostics } = parseBuildFile(source);
  const took = performance.now() - start;
  if (diagnostics.length > 0) throw new Error(diagnostics[0]!.message);
  return took;
}
