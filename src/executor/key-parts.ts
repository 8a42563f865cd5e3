/**
 * The named parts of a step's cache key: everything that its result depends on. The chain below it is a separate part.
 */
import type { KeyPart } from '../cache/index.ts';
import { formatCanonicalJson } from '../oci/index.ts';
import type { CopySource, CopyStep, RunMount, RunStep, WorkdirStep } from '../plan/index.ts';
import type { StepSettings } from './services.ts';

export function workdirParts(step: WorkdirStep): KeyPart[] {
  return [part('path', step.path), part('user', step.user)];
}

/** Excludes values of secrets, host paths, limits and proxies: they do not change what a step means. */
export function runParts(step: RunStep, settings: StepSettings): KeyPart[] {
  return [
    part('command', formatCanonicalJson(step.args)),
    ...step.scripts.map((script) => part(`script ${script.name}`, script.content)),
    ...step.env.map(environmentPart),
    part('user', step.user),
    part('workdir', step.workdir),
    part('network', step.network === 'default' ? settings.network : step.network),
    part('security', step.security),
    ...step.mounts.map((mount) => part(`mount ${mount.target}`, formatCanonicalJson(mountIdentity(mount)))),
  ];
}

function environmentPart(pair: string): KeyPart {
  const equals = pair.indexOf('=');
  return part(`env ${pair.slice(0, equals)}`, pair.slice(equals + 1));
}

/** The settings of a mount that are the same on every machine. The content of its source is a part of its own. */
function mountIdentity(mount: RunMount): unknown {
  if (mount.type === 'bind') return { ...mount, from: mount.from.kind };
  if (mount.type === 'cache') return { ...mount, from: mount.from?.kind };
  return mount;
}

/** The step adds the part `files` (the content of the sources), because finding it is slow. */
export function copyParts(step: CopyStep): KeyPart[] {
  return [
    part('instruction', step.instruction),
    part('sources', formatCanonicalJson(step.sources.map(sourceIdentity))),
    part('destination', step.destination),
    ...optional('owner', step.chown),
    ...optional('mode', step.chmod),
    part(
      'options',
      formatCanonicalJson({ link: step.link, parents: step.parents, keepGitDir: step.keepGitDir, unpack: step.unpack }),
    ),
    part('excludes', formatCanonicalJson(step.excludes)),
  ];
}

function sourceIdentity(source: CopySource): unknown {
  return source.kind === 'http' || source.kind === 'git' ? { kind: source.kind } : source;
}

function optional(name: string, value: string | undefined): KeyPart[] {
  return value === undefined ? [] : [part(name, value)];
}

function part(name: string, value: string): KeyPart {
  return { name, value };
}
