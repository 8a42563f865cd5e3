import { createHelp } from '../help.ts';
import { loadVerbs } from '../verbs.ts';

/** Renders `mkimage --help`. `columns`: width of the terminal, undefined if the output is not a terminal. */
export async function renderOverview(columns: number | undefined): Promise<string> {
  const help = createHelp(columns)
    .usage('usage: mkimage <command> [flags]\n\nBuilds container images from a Dockerfile, without a daemon.')
    .option('help', { alias: 'h', type: 'boolean', describe: 'show this help, or the help of a command' })
    .option('version', { alias: 'v', type: 'boolean', describe: 'show the version' })
    .option('debug', { alias: 'D', type: 'boolean', describe: 'on failure, print stack traces' })
    .option('log-level', {
      alias: 'l',
      type: 'string',
      describe: 'set the log level (debug, info), also for every command',
    })
    .example('mkimage build -t app .', 'build ./Dockerfile into the local store')
    .example('mkimage build -o type=oci,dest=app.tar .', 'build an archive for docker load, podman load, skopeo')
    .example('mkimage build --check .', 'check the build file without building')
    .epilogue('Images are stored in $MKIMAGE_ROOT. Run `mkimage <command> --help` for details of a command.');
  for (const verb of await loadVerbs()) help.command(verb.name, verb.summary);
  return `${await help.getHelp()}\n`;
}
