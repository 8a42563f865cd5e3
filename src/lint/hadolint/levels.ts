/** hadolint's names for the severity of a finding, most severe first. */
export const LEVELS = ['error', 'warning', 'info', 'style'] as const;
export type Level = (typeof LEVELS)[number];

/** The lowest level that sets a failure exit code. `ignore` and `none` mean every finding, as in hadolint. */
export const THRESHOLDS = [...LEVELS, 'ignore', 'none'] as const;
export type Threshold = (typeof THRESHOLDS)[number];

export function reachesLevel(level: Level, threshold: Threshold): boolean {
  return THRESHOLDS.indexOf(level) <= THRESHOLDS.indexOf(threshold);
}

/** hadolint's default levels for rules whose level is not `warning`. */
const OTHERS: Readonly<Record<Exclude<Level, 'warning'>, readonly number[]>> = {
  error: [1000, 3000, 3004, 3011, 3012, 3020, 3021, 3023, 3024, 3026, 3043, 3044, 3061, 4000, 4004],
  info: [
    3001, 3009, 3010, 3015, 3019, 3047, 3049, 3050, 3059, 3060, 3066, 3068, 3069, 3070, 3071, 3072, 3073, 3074, 3075,
    3076, 3077,
  ],
  style: [3048],
};

const BY_CODE = new Map<string, Level>();
for (const level of ['error', 'info', 'style'] as const) {
  for (const number of OTHERS[level]) BY_CODE.set(`DL${number}`, level);
}

/** hadolint's default level for one of its codes. Checks that hadolint does not have are warnings. */
export function getDefaultLevel(code: string): Level {
  return BY_CODE.get(code) ?? 'warning';
}
