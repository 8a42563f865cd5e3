/** Capabilities that a request may demand of the frontend (`frontend.caps`). */
const FRONTEND_DEMANDS: ReadonlySet<string> = new Set([
  'moby.buildkit.frontend.inputs',
  'moby.buildkit.frontend.subrequests',
  'moby.buildkit.frontend.contexts',
  'moby.buildkit.frontend.gitquerystring',
]);

/** Returns the first demand that we do not meet. With `+forward` a client says that it can do without. */
export function findUnmetDemand(demands: string): string | undefined {
  return demands
    .split(',')
    .map((each) => each.trim())
    .find((each) => each !== '' && !each.endsWith('+forward') && !FRONTEND_DEMANDS.has(each));
}
