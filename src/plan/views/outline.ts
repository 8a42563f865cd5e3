/** `--call=outline`: the arguments, secrets and SSH sockets that a build of the target accepts. */
import type { BuildFile, Diagnostic, Range } from '../../instructions/index.ts';
import { type Analysis, analyse } from '../analyse.ts';
import type { LoweredStage } from '../lower/lower-stage.ts';
import type { MountedCredential } from '../lower/stage-state.ts';
import type { Asking, PlanRequest } from '../request.ts';
import type { ArgInfo } from '../stages/global-args.ts';
import { findDescription } from '../stages/stage.ts';
import { encodeBase64, type LocationJson, type SourceText, toLocationJson } from './location-json.ts';

export interface Outline {
  /** Of the target stage. */
  readonly name: string | undefined;
  readonly description: string | undefined;
  /** `args`, `secrets` and `ssh` are in file order. */
  readonly args: readonly ArgInfo[];
  readonly secrets: readonly MountedCredential[];
  readonly ssh: readonly MountedCredential[];
}

export type OutlineOutcome =
  | { readonly kind: 'errors'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'outline'; readonly outline: Outline };

/** A base that is not available counts as an image that sets PATH. */
export function* createOutline(file: BuildFile, request: PlanRequest): Asking<OutlineOutcome> {
  const outcome = yield* analyse({ file, request, allStages: false, standsIn: true });
  if (outcome.kind !== 'analysed') return outcome;
  return { kind: 'outline', outline: toOutline(outcome.analysis) };
}

function toOutline({ target, stages }: Analysis): Outline {
  const args = new Map<string, ArgInfo>();
  const credentials = new Map<string, MountedCredential>();
  for (const stage of collectStagesNearestFirst(stages.get(target.id)!, stages)) {
    for (const info of collectUsedArgs(stage)) if (!args.has(info.name)) args.set(info.name, info);
    for (const credential of stage.state.credentials) {
      const key = `${credential.kind} ${credential.id}`;
      if (!credentials.has(key)) credentials.set(key, credential);
    }
  }
  const listOfKind = (kind: MountedCredential['kind']) =>
    [...credentials.values()].filter((found) => found.kind === kind);
  return {
    name: target.name,
    description: target.name === undefined ? undefined : findDescription(target.from, target.name),
    args: sortByLine([...args.values()]),
    secrets: sortByLine(listOfKind('secret')),
    ssh: sortByLine(listOfKind('ssh')),
  };
}

/** The target, then the stages that it is built on, then the stages that it takes files from. The first description of a name counts. */
function collectStagesNearestFirst(target: LoweredStage, stages: Analysis['stages']): readonly LoweredStage[] {
  const found = new Set<LoweredStage>();
  const open: (LoweredStage | undefined)[] = [target];
  while (open.length > 0) {
    const stage = open.pop();
    if (!stage || found.has(stage)) continue;
    found.add(stage);
    const used = stage.node.commands.flatMap(({ sources }) => sources);
    // The stack is last in, first out, so the first source is pushed last.
    for (const source of used.reverse()) if (source?.kind === 'stage') open.push(stages.get(source.stage));
    if (stage.base.kind === 'stage') open.push(stages.get(stage.base.stage));
  }
  return [...found];
}

/** The arguments that the stage uses, and the arguments in their default values. */
function collectUsedArgs({ state }: LoweredStage): readonly ArgInfo[] {
  const found = new Map<string, ArgInfo>();
  const open = [...state.usedArgs].reverse();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const info = state.argInfos.get(name);
    if (!info || found.has(name)) continue;
    found.set(name, info);
    for (const used of [...info.uses].reverse()) open.push(used);
  }
  return [...found.values()];
}

function sortByLine<Item extends { readonly range: Range }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((a, b) => a.range.start.line - b.range.start.line);
}

interface CredentialJson {
  readonly name: string;
  readonly required?: true;
  readonly location: LocationJson;
}

/** BuildKit's response to `frontend.outline`. */
export interface OutlineJson {
  readonly name?: string;
  readonly description?: string;
  readonly args?: readonly {
    readonly name: string;
    readonly description?: string;
    readonly value?: string;
    readonly location: LocationJson;
  }[];
  readonly secrets?: readonly CredentialJson[];
  readonly ssh?: readonly CredentialJson[];
  readonly sources: readonly string[];
}

export function toOutlineJson(found: Outline, source: SourceText): OutlineJson {
  const args = found.args.map(({ name, description, value, range }) => ({
    name,
    ...(description && { description }),
    ...(value && { value }),
    location: toLocationJson(range),
  }));
  return {
    ...(found.name && { name: found.name }),
    ...(found.description && { description: found.description }),
    ...(args.length > 0 && { args }),
    ...(found.secrets.length > 0 && { secrets: found.secrets.map(toCredentialJson) }),
    ...(found.ssh.length > 0 && { ssh: found.ssh.map(toCredentialJson) }),
    sources: [encodeBase64(source.text)],
  };
}

function toCredentialJson({ id, required, range }: MountedCredential): CredentialJson {
  return { name: id, ...(required && { required }), location: toLocationJson(range) };
}
