import { readFileSync } from 'node:fs';
import type { Exchange } from '../http/exchange.ts';
import type { RouteTable } from '../http/router.ts';
import { formatVersion, HIGHEST, LOWEST } from '../http/versions.ts';
import type { Daemon } from '../shared.ts';
import { describeHost } from './host-info.ts';

async function ping({ request, response }: Exchange): Promise<void> {
  response.setHeader('Builder-Version', '2'); // docker 20.10 then builds with BuildKit
  response.setHeader('Swarm', 'inactive');
  response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.setHeader('Pragma', 'no-cache');
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 2 });
  response.end(request.method === 'HEAD' ? undefined : 'OK');
}

async function sendVersion(exchange: Exchange, { version, services }: Daemon): Promise<void> {
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  const { os, architecture } = services.config.platform;
  const facts = {
    ApiVersion: formatVersion(HIGHEST),
    MinAPIVersion: formatVersion(LOWEST),
    GitCommit: '',
    GoVersion: '',
    Os: os,
    Arch: architecture,
    KernelVersion: kernel,
    BuildTime: '',
  };
  exchange.sendJson(200, {
    Platform: { Name: 'mkimage' },
    Components: [{ Name: 'Engine', Version: version, Details: { ...facts, Experimental: 'false' } }],
    Version: version,
    ...facts,
  });
}

export const SYSTEM_ROUTES: RouteTable<Daemon> = {
  'HEAD /_ping': ping,
  'GET /_ping': ping,
  'GET /version': sendVersion,
  'GET /info': async (exchange, daemon) => exchange.sendJson(200, await describeHost(daemon)),
};
