/** How the arguments of an instruction are split into tokens. */
export const MODES = {
  from: 'image',
  expose: 'words',
  add: 'paths',
  copy: 'paths',
  volume: 'paths',
  run: 'command',
  cmd: 'command',
  entrypoint: 'command',
  shell: 'command',
  healthcheck: 'healthcheck',
  user: 'text',
  workdir: 'text',
  stopsignal: 'text',
  maintainer: 'text',
  env: 'pairs',
  label: 'pairs',
  arg: 'declarations',
  onbuild: 'trigger',
} as const;

export type Keyword = keyof typeof MODES;
export const KEYWORDS = Object.keys(MODES) as readonly Keyword[];
