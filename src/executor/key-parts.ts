/** What a step's result depends on, as named parts of its cache key. The chain below it is a part of its own. */
import type { KeyPart } from '../cache/index.ts';
import { canonicalJson } from '../oci/index.ts';
import type { CopySource, CopyStep, RunMount, RunStep, WorkdirStep } from '../plan/index.ts';
import type { StepSettings } from './services.ts';

export function workdirParts(step: WorkdirStep): KeyPart[] {
  return [part('path', step.path), part('user', step.user)];
}

/** Secrets' values, host paths, limits and proxies are left out: they do not change what a step means. */
export function runParts(step: RunStep, settings: StepSettings): KeyPart[] {
  return [
    part('command', canonicalJson(step.args)),
    ...step.scripts.map((script) => part(`script ${script.name}`, script.content)),
    ...step.env.map(environmentPart),
    part('user', step.user),
    part('workdir', step.workdir),
    part('network', step.network === 'default' ? settings.network : step.network),
    part('security', step.security),
    ...step.mounts.map((mount) => part(`mount ${mount.target}`, canonicalJson(mountIdentity(mount)))),
  ];
}

function environmentPart(pair: string): KeyPart {
  const equals = pair.indexOf('=');
  return part(`env ${pair.slice(0, equals)}`, pair.slice(equals + 1));
}

/** What of a mount is the same everywhere; the content of its source is a part by itself. */
function mountIdentity(mount: RunMount): unknown {
  if (mount.type === 'bind') return { ...mount, from: mount.from.kind };
  if (mount.type === 'cache') return { ...mount, from: mount.from?.kind };
  return mount;
}

/** `files` (what the sources hold) is added by the step, because finding it costs something. */
export function copyParts(step: CopyStep): KeyPart[] {
  return [
    part('instruction', step.instruction),
    part('sources', canonicalJson(step.sources.map(sourceIdentity))),
    part('destination', step.destination),
    ...optional('owner', step.chown),
    ...optional('mode', step.chmod),
    part(
      'options',
      canonicalJson({ link: step.link, parents: step.parents, keepGitDir: step.keepGitDir, unpack: step.unpack }),
    ),
    part('excludes', canonicalJson(step.excludes)),
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
