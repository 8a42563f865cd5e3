import type { Run, Word } from '../../instructions/index.ts';
import type { RunStep } from '../build-plan.ts';
import { Fault } from '../words/fault.ts';
import { cleanAbsolute } from '../words/paths.ts';
import { listEnvironment, type Scope, splitVariable, withVariable } from '../words/scope.ts';
import { createLayerHistory } from './build-history.ts';
import { checkProgram } from './kernel-limits.ts';
import { createStepBase, type Lowering } from './lowering.ts';
import { wrapInShell } from './process.ts';
import { createProxyEnvironment } from './proxy.ts';
import { lowerMounts } from './run-mounts.ts';
import { type StageState, withStep } from './stage-state.ts';
import { formatRunName, summarizeHeredoc } from './step-name.ts';

const SCRIPTS = '/dev/pipes';
const LONE_HEREDOC = /^\s*\d*<<-?(?:"[^"<]*"|'[^'<]*'|[^\s<'"])+\s*$/;

const NETWORKS = ['default', 'none', 'host'] as const;
const SECURITY = ['sandbox', 'insecure'] as const;

export function lowerRun(instruction: Run, state: StageState, lowering: Lowering): StageState {
  checkDevices(instruction);
  checkArguments(instruction);
  const { mounts, credentials, secretVariables } = lowerMounts(instruction, state, lowering);
  const { text, scripts, summary } = createScript(instruction);
  const args = instruction.command.form === 'exec' ? instruction.command.args : wrapInShell(state, text);
  const shown = summary === undefined ? instruction.source : `${instruction.source} (${summary})`;
  const network = findChoice(instruction.network, NETWORKS) ?? 'default';
  const step: RunStep = {
    kind: 'run',
    ...createStepBase(formatRunName(shown, maskVariables(state.scope, secretVariables)), lowering),
    history: createLayerHistory(`RUN ${formatCreatedBy(args, state)} # buildkit`),
    args,
    scripts,
    env: listEnvironment(state.scope),
    argNames: listArgNames(state),
    unkeyedEnv: createProxyEnvironment(lowering.request.buildArgs, state.scope),
    user: state.config.User ?? '',
    workdir: cleanAbsolute(state.config.WorkingDir ?? ''),
    mounts,
    network: network === 'default' ? (lowering.request.network ?? 'default') : network,
    security: findChoice(instruction.security, SECURITY) ?? 'sandbox',
  };
  checkProgram(step);
  return withStep(
    { ...state, credentials: credentials.reduce((all, each) => all.with(each), state.credentials) },
    step,
  );
}

function listArgNames({ scope, config }: StageState): readonly string[] {
  const set = new Set((config.Env ?? []).map((line) => splitVariable(line)[0]));
  return [...scope.keys()].filter((name) => !set.has(name));
}

interface Script {
  /** The command in shell form. */
  readonly text: string;
  readonly scripts: RunStep['scripts'];
  readonly summary?: string;
}

/**
 * If the command is only a heredoc, the shell runs its content; content with a shebang runs as a file. In all other cases the
 * heredoc is appended to the command, and the shell reads it.
 */
function createScript({ command, heredocs }: Run): Script {
  const text = command.args.join(' ');
  const [first] = heredocs;
  if (!first) return { text, scripts: [] };
  if (!LONE_HEREDOC.test(text)) {
    return { text: [text, ...heredocs.map(({ content, name }) => content + name)].join('\n'), scripts: [] };
  }
  const { name, content } = first;
  const summary = summarizeHeredoc(content);
  if (!content.startsWith('#!')) return { text: content, scripts: [], summary };
  return { text: `${SCRIPTS}/${name}`, scripts: [{ name, content }], summary };
}

/** Replaces the values of secret variables in the name of a step. */
function maskVariables(scope: Scope, names: readonly string[]): Scope {
  return names.reduce((next, name) => withVariable(next, name, '****'), scope);
}

/** `|2 A=1 B=2 /bin/sh -c …`: the ARGs that are visible to the command, then the command. */
function formatCreatedBy(args: readonly string[], state: StageState): string {
  return formatDeclaredArgs(state) + args.join(' ');
}

const declaredArgsTexts = new WeakMap<StageState['args'], { readonly scope: Scope; readonly text: string }>();

/** Cached by variables, so that thousands of RUNs share one text. */
function formatDeclaredArgs({ args, scope }: StageState): string {
  const known = declaredArgsTexts.get(args);
  if (known?.scope === scope) return known.text;
  const build = Array.from(args.listInFirstOrder(), ([name, { value }]) => `${name}=${scope.get(name) ?? value ?? ''}`);
  const text = build.length > 0 ? `|${build.length} ${build.join(' ')} ` : '';
  declaredArgsTexts.set(args, { scope, text });
  return text;
}

/** The parser has checked the value. */
function findChoice<Mode extends string>(word: Word | undefined, modes: readonly Mode[]): Mode | undefined {
  return modes.find((mode) => mode === word?.raw);
}

/** CMD and ENTRYPOINT accept an empty JSON array, RUN does not. */
function checkArguments({ command, range }: Run): void {
  if (command.form === 'shell' || command.args.length > 0) return;
  throw new Fault('missing-argument', '`RUN` needs a command', { hint: 'write `RUN ["program", "argument"]`', range });
}

/** mkimage does not support devices. Optional devices are ignored, as in BuildKit without devices. */
function checkDevices({ devices }: Run): void {
  const needed = devices.find(({ required }) => required);
  if (!needed) return;
  throw new Fault('unsupported-device', `cannot give device \`${needed.word.raw}\` to a step`, {
    hint: 'devices (CDI) are not supported; remove `required` or `--device`',
    range: needed.word.range,
  });
}
