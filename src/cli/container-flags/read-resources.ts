import type { ContainerResources } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';
import type { FlagValues } from '../arguments.ts';
import type { CREATE_FLAGS } from './create-flags.ts';

type ResourceFlags = Pick<
  FlagValues<typeof CREATE_FLAGS>,
  | 'blkio-weight'
  | 'cpu-period'
  | 'cpu-quota'
  | 'cpu-shares'
  | 'cpus'
  | 'cpuset-cpus'
  | 'cpuset-mems'
  | 'memory'
  | 'memory-reservation'
  | 'memory-swap'
  | 'pids-limit'
>;

/** Reads the flags that limit a container, those that are given only. Throws `usage`. */
export function readResources(flags: ResourceFlags): ContainerResources {
  const number = (name: 'cpu-period' | 'cpu-quota' | 'cpu-shares' | 'blkio-weight' | 'pids-limit') =>
    flags[name] === undefined ? undefined : readNumber(`--${name}`, flags[name]);
  const size = (name: 'memory' | 'memory-reservation') =>
    flags[name] === undefined ? undefined : readSize(`--${name}`, flags[name]);
  const swap = flags['memory-swap'];
  const found = {
    Memory: size('memory'),
    MemoryReservation: size('memory-reservation'),
    MemorySwap: swap === undefined || swap === '-1' ? swap && -1 : readSize('--memory-swap', swap),
    CpuPeriod: number('cpu-period'),
    CpuQuota: number('cpu-quota'),
    CpuShares: number('cpu-shares'),
    BlkioWeight: number('blkio-weight'),
    PidsLimit: number('pids-limit'),
    NanoCpus: flags.cpus === undefined ? undefined : readCpus(flags.cpus),
    CpusetCpus: flags['cpuset-cpus'],
    CpusetMems: flags['cpuset-mems'],
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as ContainerResources;
}

export function readNumber(flag: string, text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  throw new MkimageError('usage', `invalid argument "${text}" for "${flag}" flag: not a number`);
}

export function readSize(flag: string, text: string): number {
  const bytes = parseSize(text);
  if (bytes !== undefined) return bytes;
  throw new MkimageError('usage', `invalid argument "${text}" for "${flag}" flag: invalid size: '${text}'`);
}

export function readCpus(text: string): number {
  const cpus = Number(text);
  if (cpus > 0 && Number.isFinite(cpus)) return Math.round(cpus * 1e9);
  throw new MkimageError('usage', `invalid argument "${text}" for "--cpus" flag: not a number of CPUs`);
}
