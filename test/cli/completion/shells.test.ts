import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { mkimageIn, run } from '../../support/mkimage.ts';
import { withNeeds } from '../../support/needs.ts';
import { tempDir } from '../../support/temp.ts';

const test = suite('completion in shells');
const withBash = withNeeds(test, { programs: ['bash'] });
const withFish = withNeeds(test, { programs: ['fish'] });
const withZsh = withNeeds(test, { programs: ['zsh'] });

const root = tempDir('completion');
const bin = join(root, 'bin');
const project = join(root, 'project');
const mkimage = mkimageIn(root);
const env = {
  ...process.env,
  MKIMAGE_ROOT: join(root, 'root'),
  PATH: `${bin}:${process.env.PATH}`,
  HOME: root,
} as Record<string, string>;

test.before(async () => {
  mkdirSync(bin);
  writeFileSync(join(bin, 'mkimage'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/cli.js')}' "$@"\n`);
  chmodSync(join(bin, 'mkimage'), 0o755);
  mkdirSync(join(project, 'docker'), { recursive: true });
  writeFileSync(join(project, 'Dockerfile'), 'FROM scratch AS base\nCOPY . /\nFROM base AS final\n');
  const { code, stderr } = await mkimage(['build', '-q', '-t', 'team/app:1', project]);
  assert.is(code, 0, stderr);
});

/** What each shell would put on the line, for lines that end where TAB is pressed. */
const CASES: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['mkimage bui', ['build']],
  ['mkimage store ', ['check']],
  ['mkimage build --no-ca', ['--no-cache', '--no-cache-filter']],
  ['mkimage build --target ', ['base', 'final']],
  ['mkimage build --target=f', ['--target=final']],
  ['mkimage rmi team/app:', ['team/app:1']],
  ['mkimage build -f Dock', ['Dockerfile']],
  ['mkimage build --file=Dock', ['--file=Dockerfile']],
  ['mkimage build do', ['docker']],
];

/** bash keeps what stands before its last word break, which depends on COMP_WORDBREAKS: it is put in front again. */
const BASH = `
source <(mkimage completion bash)
compopt() { :; }
COMP_LINE=$1 COMP_POINT=\${#1}
_mkimage
typed=\${COMP_LINE##* }
kept=\${typed%"\${typed##*[:=]}"}
for reply in "\${COMPREPLY[@]}"; do
  case $reply in "$kept"*) echo "$reply" ;; *) echo "$kept$reply" ;; esac
done
`;

/** zsh's own functions that fill the list are replaced by ones that print it. */
const ZSH = `
autoload -Uz compinit; compinit -u
source <(mkimage completion zsh)
_describe() { local name=$3; for each in \${(P)name}; do each=\${each//\\\\:/\\0}; print -r -- "\${\${each%%:*}//\\0/:}"; done }
compset() { prefix=\${words[CURRENT]%%=*}=; words[CURRENT]=\${words[CURRENT]#*=} }
_files() { local each; for each in \${words[CURRENT]}*(N\${\${1:+/}}); do print -r -- "$prefix$each"; done }
line=$1 prefix=
words=(\${(z)line}); [[ $line == *' ' ]] && words+=('')
CURRENT=$#words
_mkimage
`;

for (const [line, offered] of CASES) {
  withBash(`bash: ${line}`, async () => {
    const { stdout, stderr } = await run('bash', ['--norc', '-c', BASH, 'bash', line], { env, cwd: project });
    assert.equal(sorted(stdout), offered, stderr);
  });
  withFish(`fish: ${line}`, async () => {
    const script = 'mkimage completion fish | source; complete -C "$argv[1]"';
    const { stdout, stderr } = await run('fish', ['--no-config', '-c', script, line], { env, cwd: project });
    assert.equal(sorted(stdout), offered, stderr);
  });
  withZsh(`zsh: ${line}`, async () => {
    const { stdout, stderr } = await run('zsh', ['-f', '-c', ZSH, 'zsh', line], { env, cwd: project });
    assert.equal(sorted(stdout), offered, stderr);
  });
}

test('a shell that is not known is wrong usage, with a proposal', async () => {
  const { code, stderr } = await mkimage(['completion', 'bsh']);
  assert.is(code, 2);
  assert.match(stderr, 'did you mean `bash`?');
});

test('a store that cannot be read offers no images, and says nothing', async () => {
  const { code, stdout, stderr } = await mkimage(['__complete', '--', 'rmi', ''], {
    env: { MKIMAGE_ROOT: '/dev/null/x' },
  });
  assert.equal([code, stdout, stderr], [0, ':none\n', '']);
});

/** Lines without descriptions and the slash of directories. */
function sorted(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0]!.replace(/\/$/, ''))
    .sort();
}

test.run();
