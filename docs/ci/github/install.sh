#!/usr/bin/env bash
# Puts mkimage on the PATH of later steps. A machine that has it already keeps its own.
set -euo pipefail
if command -v mkimage >/dev/null; then exit 0; fi
cd "$(dirname "$(readlink -f "$0")")/../../.."
test -f dist/cli.js || npm ci --no-audit --no-fund
bin="$RUNNER_TEMP/mkimage-bin"
mkdir -p "$bin"
printf '#!/bin/sh\nexec node "%s" "$@"\n' "$PWD/dist/cli.js" >"$bin/mkimage"
chmod 755 "$bin/mkimage"
echo "$bin" >>"$GITHUB_PATH"
