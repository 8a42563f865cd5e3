import { DEVICES } from '../confinement.ts';

/** One kind of permitted access. Access without a rule is refused. */
export interface DeviceRule {
  readonly type: 'c' | 'b';
  /** undefined: every number. */
  readonly major: number | undefined;
  readonly minor: number | undefined;
  /** `m`: create nodes. `rwm`: everything. */
  readonly access: 'm' | 'rwm';
}

/** The consoles and pseudo terminals of Documentation/admin-guide/devices.txt. */
const TERMINALS: readonly Pick<DeviceRule, 'major' | 'minor'>[] = [
  { major: 5, minor: 1 },
  { major: 5, minor: 2 },
  { major: 136, minor: undefined },
];

/** Docker's rules: a step may create nodes of all devices, and open its own devices. */
export const DEVICE_RULES: readonly DeviceRule[] = [
  { type: 'c', major: undefined, minor: undefined, access: 'm' },
  { type: 'b', major: undefined, minor: undefined, access: 'm' },
  ...[...Object.values(DEVICES), ...TERMINALS].map((device) => ({ ...device, type: 'c', access: 'rwm' }) as const),
];

/** Converts the rules to the format of runtimes (runtime-spec config-linux.md, "Allowed Device list"). */
export function runtimeRules(rules: readonly DeviceRule[]): readonly unknown[] {
  const allowed = rules.map(({ type, major = -1, minor = -1, access }) => ({
    allow: true,
    type,
    major,
    minor,
    access,
  }));
  return [{ allow: false, access: 'rwm' }, ...allowed];
}

/** Formats a rule as in `devices.allow` and `devices.list` (Documentation/admin-guide/cgroup-v1/devices.rst). */
export function controllerLine({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}
