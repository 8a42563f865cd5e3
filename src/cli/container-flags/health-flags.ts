import { readGoDuration } from '../../docker-syntax/index.ts';
import { MkimageError } from '../../errors.ts';
import type { Healthcheck } from '../../oci/index.ts';
import type { FlagValues } from '../arguments.ts';
import type { CREATE_FLAGS } from './create-flags.ts';

/** Reads `--health-…`; undefined: that of the image. Throws `usage`. */
export function readHealthcheck(flags: FlagValues<typeof CREATE_FLAGS>): Healthcheck | undefined {
  const given = {
    Interval: durationOf(flags['health-interval']),
    Timeout: durationOf(flags['health-timeout']),
    StartPeriod: durationOf(flags['health-start-period']),
    StartInterval: durationOf(flags['health-start-interval']),
    Retries: flags['health-retries'] === undefined ? undefined : Number(flags['health-retries']),
    Test: flags['health-cmd'] === undefined ? undefined : ['CMD-SHELL', flags['health-cmd']],
  };
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  if (flags['no-healthcheck']) {
    if (members.length > 0) throw new MkimageError('usage', '--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (given.Retries !== undefined && !(given.Retries >= 0))
    throw new MkimageError('usage', '--health-retries cannot be negative');
  return members.length === 0 ? undefined : (Object.fromEntries(members) as Healthcheck);
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : readGoDuration(text);
}
