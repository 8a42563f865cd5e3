import type { Run, Word } from '../../instructions/index.ts';
import type { RunStep } from '../build-plan.ts';
import { Fault } from '../words/fault.ts';
import { cleanAbsolute } from '../words/paths.ts';
import { environmentOf, type Scope, splitVariable, withVariable } from '../words/scope.ts';
import { layerHistory } from './build-history.ts';
import { checkProgram } from './kernel-limits.ts';
import { type Lowering, stepBase } from './lowering.ts';
import { inShell } from './process.ts';
import { proxyEnvironment } from './proxy.ts';
import { lowerMounts } from './run-mounts.ts';
import { type StageState, withStep } from './stage-state.ts';
import { heredocSummary, runName } from './step-name.ts';

const SCRIPTS = '/dev/pipes';
const LONE_HEREDOC = /^\s*\d*<<-?(?:"[^"<]*"|'[^'<]*'|[^\s<'"])+\s*$/;

const NETWORKS = ['default', 'none', 'host'] as const;
const SECURITY = ['sandbox', 'insecure'] as const;

export function lowerRun(instruction: Run, state: StageState, lowering: Lowering): StageState {
  checkDevices(instruction);
  checkArguments(instruction);
  const { mounts, credentials, secretVariables } = lowerMounts(instruction, state, lowering);
  const { text, scripts, summary } = script(instruction);
  const args = instruction.command.form === 'exec' ? instruction.command.args : inShell(state, text);
  const shown = summary === undefined ? instruction.source : `${instruction.source} (${summary})`;
  const network = choice(instruction.network, NETWORKS) ?? 'default';
  const step: RunStep = {
    kind: 'run',
    ...stepBase(runName(shown, masked(state.scope, secretVariables)), lowering),
    history: layerHistory(`RUN ${createdBy(args, state)} # buildkit`),
    args,
    scripts,
    env: environmentOf(state.scope),
    argNames: argNames(state),
    unkeyedEnv: proxyEnvironment(lowering.request.buildArgs, state.scope),
    user: state.config.User ?? '',
    workdir: cleanAbsolute(state.config.WorkingDir ?? ''),
    mounts,
    network: network === 'default' ? (lowering.request.network ?? 'default') : network,
    security: choice(instruction.security, SECURITY) ?? 'sandbox',
  };
  checkProgram(step);
  return withStep(
    { ...state, credentials: credentials.reduce((all, each) => all.with(each), state.credentials) },
    step,
  );
}

function argNames({ scope, config }: StageState): readonly string[] {
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
 * A command that is nothing but a heredoc is run by the shell, or as a file if it names its own program. Any other heredoc
 * is put back behind the command, for the shell to read.
 */
function script({ command, heredocs }: Run): Script {
  const text = command.args.join(' ');
  const [first] = heredocs;
  if (!first) return { text, scripts: [] };
  if (!LONE_HEREDOC.test(text)) {
    return { text: [text, ...heredocs.map(({ content, name }) => content + name)].join('\n'), scripts: [] };
  }
  const { name, content } = first;
  const summary = heredocSummary(content);
  if (!content.startsWith('#!')) return { text: content, scripts: [], summary };
  return { text: `${SCRIPTS}/${name}`, scripts: [{ name, content }], summary };
}

/** Values of secrets never show; that a variable holds one does. */
function masked(scope: Scope, names: readonly string[]): Scope {
  return names.reduce((next, name) => withVariable(next, name, '****'), scope);
}

/** `|2 A=1 B=2 /bin/sh -c …`: the ARGs that the command can see, then the command. */
function createdBy(args: readonly string[], state: StageState): string {
  return declaredArgs(state) + args.join(' ');
}

const texts = new WeakMap<StageState['args'], { readonly scope: Scope; readonly text: string }>();

/** The same text for the same variables, so that thousands of RUNs share it. */
function declaredArgs({ args, scope }: StageState): string {
  const known = texts.get(args);
  if (known?.scope === scope) return known.text;
  const build = Array.from(args.inFirstOrder(), ([name, { value }]) => `${name}=${scope.get(name) ?? value ?? ''}`);
  const text = build.length > 0 ? `|${build.length} ${build.join(' ')} ` : '';
  texts.set(args, { scope, text });
  return text;
}

/** The parser has made sure that it is one of them. */
function choice<Mode extends string>(word: Word | undefined, modes: readonly Mode[]): Mode | undefined {
  return modes.find((mode) => mode === word?.raw);
}

/** An empty JSON array is a command for CMD and ENTRYPOINT, where it clears; to run it says nothing. */
function checkArguments({ command, range }: Run): void {
  if (command.form === 'shell' || command.args.length > 0) return;
  throw new Fault('missing-argument', '`RUN` needs a command', { hint: 'write `RUN ["program", "argument"]`', range });
}

/** There are no devices here, and a step without those that it merely wants runs, as in a BuildKit that has none. */
function checkDevices({ devices }: Run): void {
  const needed = devices.find(({ required }) => required);
  if (!needed) return;
  throw new Fault('unsupported-device', `cannot give device \`${needed.word.raw}\` to a step`, {
    hint: 'devices (CDI) are not supported; leave out `required`, or `--device`',
    range: needed.word.range,
  });
}
