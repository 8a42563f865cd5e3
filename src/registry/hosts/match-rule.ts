/** Which rule of `registries.conf` applies to a reference, and where its content is by this rule. Pure. */
import { formatReference, parseReference, type Reference } from '../../oci/index.ts';
import type { MirrorRule, RegistryRule } from './registries-conf.ts';

/** The rule with the longest matching prefix. */
export function findRule(rules: readonly RegistryRule[], reference: Reference): RegistryRule | undefined {
  const matching = rules.filter(({ prefix }) => measurePrefix(prefix, reference) !== undefined);
  return matching.sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** Replaces the matched prefix by the location. Throws `invalid-reference` for a location that gives no reference. */
export function relocate(reference: Reference, prefix: string, location: string): Reference {
  if (location === '') return reference;
  const rest = formatReference(reference).slice(measurePrefix(prefix, reference) ?? 0);
  const moved = parseReference(`${location}${rest}`);
  // Docker Hub's `library/` is a part of the name already.
  return { ...moved, ...(reference.digest === undefined ? {} : { digest: reference.digest }) };
}

/** True if a pull of the reference may use the mirror. */
export function mayPullFrom({ pulls }: MirrorRule, reference: Reference): boolean {
  return pulls === 'all' || (pulls === 'digest-only') === (reference.digest !== undefined);
}

/** True if a rule or mirror for this host may be used without TLS. */
export function isInsecureByRule(rules: readonly RegistryRule[], host: string): boolean {
  const reference = { registry: host, repository: '' };
  return rules.some(
    ({ prefix, location, insecure, mirrors }) =>
      (insecure && (location === '' ? measurePrefix(prefix, reference) !== undefined : hostOf(location) === host)) ||
      mirrors.some((mirror) => mirror.insecure && hostOf(mirror.location) === host),
  );
}

function hostOf(location: string): string {
  return location.split('/', 1)[0]!;
}

/** The number of characters of the reference that the prefix covers. A prefix ends where a part of a reference ends. */
function measurePrefix(prefix: string, reference: Reference): number | undefined {
  if (prefix.startsWith('*.')) {
    const host = reference.registry.replace(/:\d+$/, '');
    return host.endsWith(prefix.slice(1)) ? reference.registry.length : undefined;
  }
  const text = formatReference(reference);
  const end = text[prefix.length];
  const ends = end === undefined || end === '/' || end === '@' || (end === ':' && prefix.includes('/'));
  return text.startsWith(prefix) && ends ? prefix.length : undefined;
}
