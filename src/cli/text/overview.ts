import { emptyHelp } from '../help.ts';
import { loadVerbs } from '../verbs.ts';

/** What `mkimage --help` shows. `columns` is the width of the terminal, if it is one. */
export async function overview(columns: number | undefined): Promise<string> {
  const help = emptyHelp(columns)
    .usage('usage: mkimage <command> [flags]\n\nBuilds container images from a Dockerfile, without a daemon.')
    .option('help', { alias: 'h', type: 'boolean', describe: 'show this help, or that of a command' })
    .option('version', { alias: 'v', type: 'boolean', describe: 'show the version' })
    .option('debug', { alias: 'D', type: 'boolean', describe: 'on failure, show where in the program it arose' })
    .option('log-level', { alias: 'l', type: 'string', describe: '`debug` tells what is done; so has every command' })
    .example('mkimage build -t app .', 'build ./Dockerfile into the local store')
    .example('mkimage build -o type=oci,dest=app.tar .', 'build an archive for docker load, podman load, skopeo')
    .example('mkimage build --check .', 'check the build file, build nothing')
    .epilogue('Images are kept below $MKIMAGE_ROOT. `mkimage <command> --help` tells more about a command.');
  for (const verb of await loadVerbs()) help.command(verb.name, verb.summary);
  return `${await help.getHelp()}\n`;
}
