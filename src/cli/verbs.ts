import type { Verb } from './verb.ts';

/** Every verb, in the order of the help text. A verb's file is loaded only when the verb is used. */
const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  build: async () => (await import('./commands/build.ts')).build,
  lint: async () => (await import('./commands/lint.ts')).lint,
  images: async () => (await import('./commands/images.ts')).images,
  tag: async () => (await import('./commands/tag.ts')).tag,
  rmi: async () => (await import('./commands/rmi.ts')).rmi,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  history: async () => (await import('./commands/history.ts')).history,
  pull: async () => (await import('./commands/pull.ts')).pull,
  load: async () => (await import('./commands/load.ts')).load,
  save: async () => (await import('./commands/save.ts')).save,
  'context ls': async () => (await import('./commands/context-ls.ts')).contextLs,
  'cache-mounts ls': async () => (await import('./commands/cache-mounts.ts')).cacheMountsLs,
  'cache-mounts rm': async () => (await import('./commands/cache-mounts.ts')).cacheMountsRm,
  du: async () => (await import('./commands/du.ts')).du,
  prune: async () => (await import('./commands/prune.ts')).prune,
  'store check': async () => (await import('./commands/store-check.ts')).storeCheck,
  fmt: async () => (await import('./commands/fmt.ts')).fmt,
  completion: async () => (await import('./commands/completion.ts')).completion,
  lsp: async () => (await import('./commands/lsp.ts')).lsp,
};

/** Docker's longer forms: `mkimage image ls` is `mkimage images`. */
const GROUPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  image: {
    build: 'build',
    history: 'history',
    inspect: 'inspect',
    list: 'images',
    load: 'load',
    ls: 'images',
    prune: 'prune',
    pull: 'pull',
    remove: 'rmi',
    rm: 'rmi',
    save: 'save',
    tag: 'tag',
  },
  'cache-mounts': { list: 'cache-mounts ls', ls: 'cache-mounts ls', remove: 'cache-mounts rm', rm: 'cache-mounts rm' },
  context: { list: 'context ls', ls: 'context ls' },
  builder: { build: 'build', du: 'du', prune: 'prune' },
  buildx: { build: 'build', b: 'build', du: 'du', prune: 'prune' },
  store: { check: 'store check' },
  system: { df: 'du', prune: 'prune' },
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
  return Object.hasOwn(VERBS, first) ? { load: VERBS[first]!, args: args.slice(1) } : undefined;
}

/** Lists the words that may follow the name of a group; empty if `first` is not a group. */
export function listGroupWords(first: string): readonly string[] {
  return Object.hasOwn(GROUPS, first) ? Object.keys(GROUPS[first]!) : [];
}
