/** Instructions for the process of a container: CMD, ENTRYPOINT, HEALTHCHECK, SHELL, STOPSIGNAL, USER. */
import type { Cmd, CommandLine, Entrypoint, Healthcheck, Shell, StopSignal, User } from '../../instructions/index.ts';
import type { Healthcheck as HealthConfig } from '../../oci/index.ts';
import { checkJsonArgs } from '../rules/json-args-recommended.ts';
import { checkMultipleInstructions } from '../rules/multiple-instructions-disallowed.ts';
import { Fault } from '../words/fault.ts';
import { formatDuration, formatList, quoteAll } from '../words/go-format.ts';
import { isSignal } from '../words/signals.ts';
import { checkNoNul } from './kernel-limits.ts';
import { addConfigStep, evaluateWord, type Lowering } from './lowering.ts';
import { type StageState, withConfig } from './stage-state.ts';

const DEFAULT_SHELL = { linux: ['/bin/sh', '-c'], windows: ['cmd', '/S', '/C'] } as const;

/** The argv of a command in shell form. */
export function wrapInShell(state: StageState, text: string): readonly string[] {
  const { Shell: shell = [] } = state.config;
  const fallback = state.platform.os === 'windows' ? DEFAULT_SHELL.windows : DEFAULT_SHELL.linux;
  return [...(shell.length > 0 ? shell : fallback), text];
}

export function lowerCmd(instruction: Cmd, state: StageState, lowering: Lowering): StageState {
  checkMultipleInstructions(instruction.keyword, state.lastSeen.cmd, lowering.report);
  const args = lowerArgs(instruction, state, lowering);
  const next = { ...state, lastSeen: { ...state.lastSeen, cmd: lowering.range } };
  const changed = withConfig(next, { Cmd: args.length === 0 ? undefined : args, ArgsEscaped: true });
  return addConfigStep(changed, lowering, { instruction, createdBy: `CMD ${quoteAll(args)}` });
}

/** ENTRYPOINT removes a CMD of the base image, because that CMD belongs to the ENTRYPOINT of the base. */
export function lowerEntrypoint(instruction: Entrypoint, state: StageState, lowering: Lowering): StageState {
  checkMultipleInstructions(instruction.keyword, state.lastSeen.entrypoint, lowering.report);
  const args = lowerArgs(instruction, state, lowering);
  const next = { ...state, lastSeen: { ...state.lastSeen, entrypoint: lowering.range } };
  const entrypoint = args.length === 0 ? undefined : args;
  const changed = withConfig(next, {
    Entrypoint: entrypoint,
    ...(state.lastSeen.cmd ? {} : { Cmd: undefined }),
  });
  return addConfigStep(changed, lowering, { instruction, createdBy: `ENTRYPOINT ${quoteAll(args)}` });
}

function lowerArgs(instruction: Cmd | Entrypoint, state: StageState, lowering: Lowering): readonly string[] {
  checkJsonArgs(instruction, state.config.Shell ?? [], (finding) =>
    lowering.report({ ...finding, range: lowering.range }),
  );
  const { form, args } = instruction.command;
  return form === 'exec' ? args : wrapInShell(state, args.join(' '));
}

/** HEALTHCHECK replaces the whole check of the base, including its intervals. */
export function lowerHealthcheck(instruction: Healthcheck, state: StageState, lowering: Lowering): StageState {
  checkMultipleInstructions(instruction.keyword, state.lastSeen.healthcheck, lowering.report);
  const next = { ...state, lastSeen: { ...state.lastSeen, healthcheck: lowering.range } };
  const check: HealthConfig = {
    Test: toHealthTest(instruction.command),
    ...(instruction.interval && { Interval: instruction.interval }),
    ...(instruction.timeout && { Timeout: instruction.timeout }),
    ...(instruction.startPeriod && { StartPeriod: instruction.startPeriod }),
    ...(instruction.startInterval && { StartInterval: instruction.startInterval }),
    ...(instruction.retries && { Retries: instruction.retries }),
  };
  return addConfigStep(withConfig(next, { Healthcheck: check }), lowering, {
    instruction,
    createdBy: formatHealthcheck(check),
  });
}

function toHealthTest(command: CommandLine | undefined): readonly string[] {
  if (!command) return ['NONE'];
  return command.form === 'exec' ? ['CMD', ...command.args] : ['CMD-SHELL', ...command.args];
}

function formatHealthcheck(check: HealthConfig): string {
  const times = (['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const).map(
    (field) => `${field}:${formatDuration(check[field] ?? 0)}`,
  );
  return `HEALTHCHECK {Test:${formatList(check.Test ?? [])} ${times.join(' ')} Retries:${check.Retries ?? 0}}`;
}

export function lowerShell(instruction: Shell, state: StageState, lowering: Lowering): StageState {
  const { args } = instruction.command;
  return addConfigStep(withConfig(state, { Shell: args }), lowering, {
    instruction,
    createdBy: `SHELL ${formatList(args)}`,
  });
}

export function lowerStopSignal(instruction: StopSignal, state: StageState, lowering: Lowering): StageState {
  const signal = evaluateWord(instruction.signal, state, lowering);
  if (!isSignal(signal)) {
    throw new Fault('invalid-signal', `invalid signal: ${signal}`, {
      hint: 'use a number or a name such as SIGTERM',
      range: instruction.signal.range,
    });
  }
  return addConfigStep(withConfig(state, { StopSignal: signal }), lowering, {
    instruction,
    createdBy: `STOPSIGNAL ${signal}`,
  });
}

export function lowerUser(instruction: User, state: StageState, lowering: Lowering): StageState {
  const user = evaluateWord(instruction.user, state, lowering);
  checkNoNul(user, 'USER');
  return addConfigStep(withConfig(state, { User: user || undefined }), lowering, {
    instruction,
    createdBy: `USER ${user}`,
  });
}
