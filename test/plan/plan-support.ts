/** Plans of build files over a few made-up bases. */
import { type BuildFile, type Diagnostic, parseBuildFile, parseTrigger } from '../../src/instructions/index.ts';
import type { ContainerConfig, ImageConfig } from '../../src/oci/index.ts';
import {
  type Asking,
  type BaseAnswer,
  type BaseRequest,
  type BuildPlan,
  createPlan,
  type PlanOutcome,
  type PlanRequest,
  type Stage,
} from '../../src/plan/index.ts';

export const AMD64 = { os: 'linux', architecture: 'amd64' };

/** A request of which a test says only what matters to it. */
export function planRequest(changes: Partial<PlanRequest> = {}): PlanRequest {
  return {
    target: undefined,
    buildArgs: {},
    platform: AMD64,
    implicitPlatform: true,
    buildPlatform: AMD64,
    contexts: {},
    labels: {},
    ...changes,
  };
}

const PLAIN: ContainerConfig = { Env: ['PATH=/bin'], Cmd: ['sh'] };
const CONFIGS: Readonly<Record<string, ContainerConfig>> = {
  'docker.io/library/nopath:latest': { Env: ['A=1'] },
  'docker.io/library/rich:latest': {
    User: 'app',
    Env: ['PATH=/rich', 'KEPT=yes'],
    Entrypoint: ['/rich'],
    Cmd: ['--all'],
    WorkingDir: '/rich',
    Labels: { from: 'rich' },
    ExposedPorts: { '80/tcp': {} },
    Volumes: { '/data': {} },
    Shell: ['/bin/ash', '-c'],
    StopSignal: 'SIGINT',
    Healthcheck: { Test: ['CMD', 'true'] },
  },
  'docker.io/library/triggers:latest': {
    Env: ['PATH=/bin'],
    OnBuild: ['ARG NAME=nobody', 'COPY --from=tools /tool /usr/bin/', 'RUN hello $NAME'],
  },
  'docker.io/library/badtrigger:latest': { OnBuild: ['FROM other'] },
};

/** Any image is there but those whose name begins with `missing`. */
export function answer({ reference }: BaseRequest): BaseAnswer {
  if (reference.includes('/missing')) return { kind: 'failure', message: 'not found' };
  const config: ImageConfig = {
    os: 'linux',
    architecture: reference.includes('/arm:') ? 'arm64' : 'amd64',
    config: CONFIGS[reference] ?? PLAIN,
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  };
  const manifest = { mediaType: 'manifest', digest: `sha256:${'0'.repeat(64)}`, size: 1 } as const;
  return { kind: 'image', image: { reference, manifest, config, layers: [] } };
}

/** Answers all that is asked for until there is an outcome; `asked` says what that was, in order. */
export function settle<Outcome>(
  asking: Asking<Outcome>,
  find: (request: BaseRequest) => BaseAnswer = answer,
): { readonly outcome: Outcome; readonly asked: readonly string[] } {
  const bases = new Map<string, BaseAnswer>();
  const asked: string[] = [];
  let step = asking.next();
  for (let round = 0; !step.done && round < 10; round++) {
    for (const request of step.value.bases) {
      asked.push(request.reference);
      bases.set(request.key, find(request));
    }
    step = asking.next({ bases, parseTrigger });
  }
  if (step.done) return { outcome: step.value, asked };
  throw new Error('a plan never has enough');
}

export function outcomeOf(text: string, changes: Partial<PlanRequest> = {}): PlanOutcome {
  const file: BuildFile = parseBuildFile(text);
  return settle(createPlan(file, planRequest(changes))).outcome;
}

/** The plan, or a failure that lists what is wrong with the file. */
export function planOf(text: string, changes: Partial<PlanRequest> = {}): BuildPlan {
  const outcome = outcomeOf(text, changes);
  if (outcome.kind === 'plan') return outcome.plan;
  throw new Error(outcome.diagnostics.map(showDiagnostic).join('\n'));
}

/** The stage that becomes the image. */
export function targetOf(text: string, changes: Partial<PlanRequest> = {}): Stage {
  const plan = planOf(text, changes);
  return plan.stages.find(({ id }) => id === plan.target)!;
}

/** Errors as `line: message (hint)`; fails if there is a plan. */
export function errorsOf(text: string, changes: Partial<PlanRequest> = {}): readonly string[] {
  const outcome = outcomeOf(text, changes);
  if (outcome.kind !== 'errors') throw new Error('there is a plan');
  return outcome.diagnostics.filter(({ severity }) => severity === 'error').map(showDiagnostic);
}

/** Warnings as `line: Check`. */
export function warningsOf(text: string, changes: Partial<PlanRequest> = {}): readonly string[] {
  const outcome = outcomeOf(text, changes);
  const warnings = outcome.diagnostics.filter(({ severity }) => severity === 'warning');
  return warnings.map(({ code, range }) => `${range.start.line}: ${code}`);
}

export function showDiagnostic({ range, message, hint }: Diagnostic): string {
  return `${range.start.line}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
