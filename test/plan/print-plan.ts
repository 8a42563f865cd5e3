/** A plan as text, for goldens: everything that decides the result, nothing that is a default. */
import { formatCanonicalJson, formatPlatform } from '../../src/oci/index.ts';
import type {
  Base,
  BuildPlan,
  CopySource,
  CopyStep,
  FileSource,
  RunMount,
  RunStep,
  Stage,
  Step,
} from '../../src/plan/index.ts';

export function printPlan(plan: BuildPlan): string {
  const head = [
    `platform ${formatPlatform(plan.platform)}`,
    `target ${plan.target}`,
    ...(plan.epoch === undefined ? [] : [`epoch ${plan.epoch}`]),
  ];
  return [head.join('\n'), ...plan.stages.map(printStage)].map((block) => `${block}\n`).join('\n');
}

function printStage(stage: Stage): string {
  const name = stage.name === undefined ? '' : ` ${stage.name}`;
  const lines = [
    `stage ${stage.id}${name} from ${printSource(stage.base)} for ${formatPlatform(stage.platform)}`,
    ...stage.steps.flatMap(printStep).map((line) => `  ${line}`),
    ...(stage.author === undefined ? [] : [`  author: ${stage.author}`]),
    ...Object.entries(stage.config).map(([field, value]) => `  config ${field}: ${formatCanonicalJson(value)}`),
  ];
  return lines.join('\n');
}

function printSource(source: Base | FileSource): string {
  if (source.kind === 'stage') return `stage ${source.stage}`;
  if (source.kind === 'image') return `image ${source.image.reference}`;
  if (source.kind === 'context') return source.context === '' ? 'the context' : `context ${source.context}`;
  return 'scratch';
}

function printStep(step: Step): readonly string[] {
  const { created_by: createdBy, empty_layer: empty } = step.history;
  const history = `history: ${JSON.stringify(createdBy)}${empty ? ' (no layer)' : ''}`;
  return [`${step.range.start.line}: ${step.name}`, ...[...details(step), history].map((line) => `    ${line}`)];
}

function details(step: Step): readonly string[] {
  switch (step.kind) {
    case 'run':
      return runDetails(step);
    case 'copy':
      return copyDetails(step);
    case 'workdir':
      return [`make ${step.path}${step.user === '' ? '' : ` as ${step.user}`}`];
    case 'config':
      return [];
  }
}

function runDetails(step: RunStep): readonly string[] {
  return [
    `run ${JSON.stringify(step.args)} in ${step.workdir}${step.user === '' ? '' : ` as ${step.user}`}`,
    ...step.scripts.map(({ name, content }) => `script ${name}: ${JSON.stringify(content)}`),
    ...step.env.map((line) => `env ${line}`),
    ...step.unkeyedEnv.map((line) => `env (unkeyed) ${line}`),
    ...step.mounts.map(printMount),
    ...(step.network === 'default' ? [] : [`network ${step.network}`]),
    ...(step.security === 'sandbox' ? [] : [`security ${step.security}`]),
  ];
}

function printMount(mount: RunMount): string {
  const { type, target, ...rest } = mount;
  const from = 'from' in rest && rest.from ? { from: `(${printSource(rest.from)})` } : {};
  const options = Object.entries({ ...rest, ...from }).filter(([, value]) => value !== undefined);
  return [`mount ${type} ${target || '(variable only)'}`, ...options.map(([key, value]) => `${key}=${value}`)].join(
    ' ',
  );
}

function copyDetails(step: CopyStep): readonly string[] {
  const options = {
    chown: step.chown,
    chmod: step.chmod,
    checksum: step.checksum,
    link: step.link || undefined,
    parents: step.parents || undefined,
    keepGitDir: step.keepGitDir || undefined,
    unpack: step.instruction === 'ADD' ? step.unpack : undefined,
    excludes: step.excludes.length > 0 ? step.excludes.join(' ') : undefined,
  };
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  return [
    `from ${printSource(step.from)}`,
    ...step.sources.map((source) => `source ${printCopySource(source)}`),
    `to ${step.destination}`,
    ...set.map(([key, value]) => `${key} ${value}`),
  ];
}

function printCopySource(source: CopySource): string {
  if (source.kind === 'path') return `/${source.pattern}`;
  return source.kind === 'inline'
    ? `<<${source.name} ${JSON.stringify(source.content)}`
    : `${source.kind} ${source.url}`;
}
