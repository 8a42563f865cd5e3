import { imageAt } from '../../../../engine/images/resolve-image.ts';
import { isIndexType, normalizeName, type Platform, parseIndex, parseReference } from '../../../../oci/index.ts';
import { callOf } from '../../http/call.ts';
import type { Exchange } from '../../http/exchange.ts';
import { withClientCredentials } from '../../http/registry-auth.ts';
import type { RouteTable } from '../../http/router.ts';
import type { Daemon } from '../../shared.ts';

/** What a registry has under a name, with the credentials of the client. */
async function describe(exchange: Exchange, daemon: Daemon): Promise<void> {
  const services = withClientCredentials(daemon.services, exchange.request);
  const call = callOf(exchange);
  const reference = parseReference(normalizeName(exchange.parameters[0]!));
  await using _lease = await services.store.lease();
  const { descriptor, bytes } = await services.registry.manifest(reference, call);
  const { mediaType, digest, size } = descriptor;
  const show = ({ os, architecture, variant }: Platform) => ({ architecture, os, ...(variant && { variant }) });
  const Descriptor = { mediaType, digest, size };
  if (isIndexType(mediaType)) {
    const { manifests } = parseIndex(bytes, descriptor);
    const platforms = manifests.flatMap(({ platform }) => (platform === undefined ? [] : [show(platform)]));
    return exchange.sendJson(200, { Descriptor, Platforms: platforms });
  }
  const choice = { reference, target: descriptor, platform: services.config.platform };
  const { config } = await imageAt(services, choice, call);
  exchange.sendJson(200, { Descriptor, Platforms: [show(config)] });
}

export const DISTRIBUTION_ROUTES: RouteTable<Daemon> = { 'GET /distribution/**/json': describe };
