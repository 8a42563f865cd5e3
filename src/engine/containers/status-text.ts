import type { ContainerState } from '../../container/index.ts';

/** Docker's words for what a container does: `Up 3 minutes (healthy)`, `Exited (0) 2 hours ago`. */
export function statusText(state: ContainerState, now: number): string {
  const age = (time: string) => describeSpan((now - Date.parse(time)) / 1000);
  switch (state.status) {
    case 'running':
      return `Up ${age(state.startedAt)}${healthText(state)}`;
    case 'paused':
      return `Up ${age(state.startedAt)} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${age(state.finishedAt)} ago`;
    case 'exited':
      return `Exited (${state.exitCode}) ${age(state.finishedAt)} ago`;
    case 'created':
      return 'Created';
    case 'removing':
      return 'Removal In Progress';
    default:
      return 'Dead';
  }
}

function healthText({ health }: ContainerState): string {
  if (health === undefined) return '';
  return health.Status === 'starting' ? ' (health: starting)' : ` (${health.Status})`;
}

/** As in Docker: `Less than a second`, `About a minute`, `3 hours`. */
export function describeSpan(span: number): string {
  const seconds = Math.floor(span);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / 3600);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
