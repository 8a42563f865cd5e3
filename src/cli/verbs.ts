import type { Verb } from './verb.ts';

/** Every verb, in the order of the help text. A verb's file is loaded only when the verb is used. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  build: async () => (await import('./commands/build.ts')).build,
  executor: async () => (await import('./commands/executor.ts')).executor,
  lint: async () => (await import('./commands/lint.ts')).lint,
  run: async () => (await import('./commands/containers/run.ts')).run,
  create: async () => (await import('./commands/containers/create.ts')).create,
  start: async () => (await import('./commands/containers/start.ts')).start,
  stop: async () => (await import('./commands/containers/stop.ts')).stop,
  kill: async () => (await import('./commands/containers/stop.ts')).kill,
  restart: async () => (await import('./commands/containers/stop.ts')).restart,
  wait: async () => (await import('./commands/containers/stop.ts')).wait,
  pause: async () => (await import('./commands/containers/usage/pause.ts')).pause,
  unpause: async () => (await import('./commands/containers/usage/pause.ts')).unpause,
  top: async () => (await import('./commands/containers/usage/top.ts')).top,
  stats: async () => (await import('./commands/containers/usage/stats.ts')).stats,
  update: async () => (await import('./commands/containers/usage/update.ts')).update,
  rm: async () => (await import('./commands/containers/rm.ts')).rm,
  ps: async () => (await import('./commands/containers/ps.ts')).ps,
  logs: async () => (await import('./commands/containers/logs.ts')).logs,
  attach: async () => (await import('./commands/containers/attach.ts')).attach,
  exec: async () => (await import('./commands/containers/exec.ts')).exec,
  rename: async () => (await import('./commands/containers/rename.ts')).rename,
  events: async () => (await import('./commands/containers/events.ts')).events,
  'volume create': async () => (await import('./commands/volumes/volume.ts')).volumeCreate,
  'volume ls': async () => (await import('./commands/volumes/volume.ts')).volumeLs,
  'volume inspect': async () => (await import('./commands/volumes/volume.ts')).volumeInspect,
  'volume rm': async () => (await import('./commands/volumes/volume.ts')).volumeRm,
  'volume prune': async () => (await import('./commands/volumes/volume.ts')).volumePrune,
  cp: async () => (await import('./commands/containers/cp.ts')).cp,
  diff: async () => (await import('./commands/containers/diff.ts')).diff,
  commit: async () => (await import('./commands/containers/commit.ts')).commit,
  export: async () => (await import('./commands/containers/export.ts')).exportVerb,
  import: async () => (await import('./commands/containers/import.ts')).importVerb,
  port: async () => (await import('./commands/networks/port.ts')).port,
  'network create': async () => (await import('./commands/networks/network.ts')).networkCreate,
  'network ls': async () => (await import('./commands/networks/network.ts')).networkLs,
  'network inspect': async () => (await import('./commands/networks/network.ts')).networkInspect,
  'network rm': async () => (await import('./commands/networks/network.ts')).networkRm,
  'network prune': async () => (await import('./commands/networks/network.ts')).networkPrune,
  'network connect': async () => (await import('./commands/networks/connect.ts')).networkConnect,
  'network disconnect': async () => (await import('./commands/networks/connect.ts')).networkDisconnect,
  'container prune': async () => (await import('./commands/containers/rm.ts')).containerPrune,
  images: async () => (await import('./commands/images.ts')).images,
  tag: async () => (await import('./commands/tag.ts')).tag,
  rmi: async () => (await import('./commands/rmi.ts')).rmi,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  history: async () => (await import('./commands/history.ts')).history,
  pull: async () => (await import('./commands/pull.ts')).pull,
  push: async () => (await import('./commands/registry/push.ts')).push,
  login: async () => (await import('./commands/registry/login.ts')).login,
  logout: async () => (await import('./commands/registry/logout.ts')).logout,
  join: async () => (await import('./commands/join.ts')).join,
  load: async () => (await import('./commands/load.ts')).load,
  save: async () => (await import('./commands/save.ts')).save,
  'context ls': async () => (await import('./commands/context-ls.ts')).contextLs,
  'cache-mounts ls': async () => (await import('./commands/cache/cache-mounts.ts')).cacheMountsLs,
  'cache-mounts rm': async () => (await import('./commands/cache/cache-mounts.ts')).cacheMountsRm,
  du: async () => (await import('./commands/du.ts')).du,
  prune: async () => (await import('./commands/prune.ts')).prune,
  'store check': async () => (await import('./commands/store-check.ts')).storeCheck,
  info: async () => (await import('./commands/info.ts')).info,
  fmt: async () => (await import('./commands/fmt.ts')).fmt,
  completion: async () => (await import('./commands/completion.ts')).completion,
  lsp: async () => (await import('./commands/lsp.ts')).lsp,
  'system dial-stdio': async () => (await import('./commands/daemon/dial-stdio.ts')).dialStdio,
  daemon: async () => (await import('./commands/daemon/daemon.ts')).daemon,
};

/** Verbs that only this program calls. */
const HIDDEN: Readonly<Record<string, () => Promise<Verb>>> = {
  supervise: async () => (await import('./commands/containers/supervise.ts')).supervise,
};

/** Docker's longer forms: `mkimage image ls` is `mkimage images`. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  image: {
    build: 'build',
    history: 'history',
    import: 'import',
    inspect: 'inspect',
    list: 'images',
    load: 'load',
    ls: 'images',
    prune: 'prune',
    pull: 'pull',
    push: 'push',
    remove: 'rmi',
    rm: 'rmi',
    save: 'save',
    tag: 'tag',
  },
  container: {
    commit: 'commit',
    cp: 'cp',
    create: 'create',
    diff: 'diff',
    export: 'export',
    kill: 'kill',
    list: 'ps',
    logs: 'logs',
    ls: 'ps',
    port: 'port',
    prune: 'container prune',
    ps: 'ps',
    inspect: 'inspect',
    remove: 'rm',
    rename: 'rename',
    restart: 'restart',
    rm: 'rm',
    run: 'run',
    start: 'start',
    stop: 'stop',
    wait: 'wait',
  },
  'cache-mounts': { list: 'cache-mounts ls', ls: 'cache-mounts ls', remove: 'cache-mounts rm', rm: 'cache-mounts rm' },
  context: { list: 'context ls', ls: 'context ls' },
  network: {
    connect: 'network connect',
    create: 'network create',
    disconnect: 'network disconnect',
    inspect: 'network inspect',
    list: 'network ls',
    ls: 'network ls',
    prune: 'network prune',
    remove: 'network rm',
    rm: 'network rm',
  },
  volume: {
    create: 'volume create',
    inspect: 'volume inspect',
    list: 'volume ls',
    ls: 'volume ls',
    prune: 'volume prune',
    remove: 'volume rm',
    rm: 'volume rm',
  },
  builder: { build: 'build', du: 'du', prune: 'prune' },
  buildx: { build: 'build', b: 'build', du: 'du', prune: 'prune' },
  store: { check: 'store check' },
  system: { 'dial-stdio': 'system dial-stdio', df: 'du', events: 'events', info: 'info', prune: 'prune' },
};

/** Lists the first words of all verbs. Some of them need a second word. */
export function listVerbNames(): readonly string[] {
  return [...new Set(Object.keys(VERBS).map((name) => name.split(' ')[0]!))];
}

export function loadVerbs(): Promise<readonly Verb[]> {
  return Promise.all(Object.values(VERBS).map((load) => load()));
}

export interface FoundVerb {
  readonly load: () => Promise<Verb>;
  readonly args: readonly string[];
}

/** Finds the verb at the beginning of the arguments. Returns undefined if the first word is not a verb. */
export function findVerb(args: readonly string[]): FoundVerb | undefined {
  const [first = '', second = ''] = args;
  const group = Object.hasOwn(GROUPS, first) ? GROUPS[first]! : {};
  if (Object.hasOwn(group, second)) return { load: VERBS[group[second]!]!, args: args.slice(2) };
  const load = Object.hasOwn(HIDDEN, first) ? HIDDEN[first] : Object.hasOwn(VERBS, first) ? VERBS[first] : undefined;
  return load === undefined ? undefined : { load, args: args.slice(1) };
}

/** Lists the words that may follow the name of a group; empty if `first` is not a group. */
export function listGroupWords(first: string): readonly string[] {
  return Object.hasOwn(GROUPS, first) ? Object.keys(GROUPS[first]!) : [];
}
