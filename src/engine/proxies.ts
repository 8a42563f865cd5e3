import type { Config } from './config.ts';

/** Returns the proxy URLs of the environment; lower-case names take precedence, as in curl. */
export function proxiesOf({ environment }: Config): { http?: string; https?: string; none?: string } {
  const value = (name: string): string | undefined => environment[name] || environment[name.toUpperCase()] || undefined;
  const all = value('all_proxy');
  const found = { http: value('http_proxy') ?? all, https: value('https_proxy') ?? all, none: value('no_proxy') };
  return Object.fromEntries(Object.entries(found).filter(([, url]) => url !== undefined));
}
