/** What benchmarks read: a bit of everything, over and over. */
const BLOCK = [
  'ARG VERSION=3.20',
  'FROM --platform=$BUILDPLATFORM alpine:${VERSION:-latest} AS stage<n>',
  '# what it needs',
  'RUN --mount=type=cache,target=/var/cache/apk apk add --no-cache \\',
  '    bash curl \\',
  '    # for later',
  '    git',
  'ENV PATH="/opt/bin:$PATH" HOME=/root',
  'WORKDIR /src',
  'COPY --chown=1000:1000 --from=stage<n-1> package.json package-lock.json ./',
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

/** A build file with so many lines; every stage copies from the one before it. */
export function createLongBuildFile(lines: number): string {
  return Array.from({ length: lines }, (_, index) => {
    const stage = Math.floor(index / BLOCK.length);
    const before = stage === 0 ? 'alpine:3.20' : `stage${stage - 1}`;
    return BLOCK[index % BLOCK.length]!.replace('<n>', String(stage)).replace('stage<n-1>', before);
  }).join('\n');
}
