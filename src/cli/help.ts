import yargs, { type Argv } from 'yargs';
import { formatUsage, type VerbDescription } from './verb-definition.ts';

/** Renders the help text of a verb. Only help uses yargs, because loading it takes a quarter of a build's load time. */
export function renderHelp(verb: VerbDescription, columns: number | undefined): Promise<string> {
  const help = createHelp(columns)
    .usage(`${formatUsage(verb)}\n\n${verb.summary}`)
    .options(verb.flags);
  for (const [command, explanation] of verb.examples ?? []) help.example(command, explanation);
  return help.getHelp();
}

/** Creates an empty help text. `columns`: width of the terminal, undefined if the output is not a terminal. */
export function createHelp(columns: number | undefined): Argv {
  const help = yargs([])
    .scriptName('mkimage')
    .detectLocale(false)
    .help(false)
    .version(false)
    .updateStrings({ 'Options:': 'Flags:' })
    .wrap(Math.min(100, columns ?? 100));
  hideTypes(help);
  return help;
}

/** Hides `[string] [array]` in a help text. yargs 18 has the setting, but its type declarations are for version 17. */
function hideTypes(help: Argv): void {
  (help as Argv & { usageConfiguration(settings: object): Argv }).usageConfiguration({ 'hide-types': true });
}
