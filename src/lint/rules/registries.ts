/** Checks of the registries of base images. */
import type { LintStage } from '../lint-file.ts';
import { type LintRule, pageOf } from '../rule.ts';

export const UntrustedRegistry: LintRule = {
  name: 'UntrustedRegistry',
  code: 'DL3026',
  description: 'Use base images only from trusted registries',
  url: pageOf('UntrustedRegistry'),
  *find({ stages, contexts, settings: { trustedRegistries } }) {
    if (trustedRegistries.length === 0) return;
    for (const stage of stages) {
      const { from } = stage.source;
      const registry = contexts.has(from.image.raw) ? undefined : registryOf(stage);
      if (registry === undefined || trustedRegistries.some((trusted) => isTrusted(registry, trusted))) continue;
      yield {
        instruction: from,
        detail: `\`${registry}\` is not among the trusted registries`,
        range: from.image.range,
      };
    }
  },
};

const DOCKER_HUB = ['docker.io', 'hub.docker.com', 'index.docker.io'];

/** undefined for stages, for `scratch` and if the registry depends on a variable. */
function registryOf({ source, base }: LintStage): string | undefined {
  const { raw } = source.from.image;
  const slash = raw.indexOf('/');
  const first = slash < 0 ? '' : raw.slice(0, slash).replaceAll(/["']/g, '');
  if (base || raw === 'scratch' || (first === '' ? raw : first).includes('$')) return undefined;
  return /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

/** `*` at the start or end of a trusted name matches any text. All names of Docker Hub are equivalent. */
function isTrusted(registry: string, trusted: string): boolean {
  if (DOCKER_HUB.includes(registry) && DOCKER_HUB.includes(trusted)) return true;
  if (trusted.startsWith('*')) return registry.endsWith(trusted.slice(1));
  return trusted.endsWith('*') ? registry.startsWith(trusted.slice(0, -1)) : registry === trusted;
}
