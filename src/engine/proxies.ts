import type { Config } from './config.ts';

/** Proxy URLs of the environment, lower-case names first, as curl has it. */
export function proxiesOf({ environment }: Config): { http?: string; https?: string; none?: string } {
  const value = (name: string): string | undefined => environment[name] || environment[name.toUpperCase()] || undefined;
  const all = value('all_proxy');
  const found = { http: value('http_proxy') ?? all, https: value('https_proxy') ?? all, none: value('no_proxy') };
  return Object.fromEntries(Object.entries(found).filter(([, url]) => url !== undefined));
}
