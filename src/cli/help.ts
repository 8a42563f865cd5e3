import yargs, { type Argv } from 'yargs';
import { usageLine, type VerbDescription } from './verb-definition.ts';

/** The help text of a verb. yargs lays it out, and is loaded for nothing else: it is a quarter of what a build would load. */
export function helpOf(verb: VerbDescription, columns: number | undefined): Promise<string> {
  const help = emptyHelp(columns)
    .usage(`${usageLine(verb)}\n\n${verb.summary}`)
    .options(verb.flags);
  for (const [command, explanation] of verb.examples ?? []) help.example(command, explanation);
  return help.getHelp();
}

/** A help text with nothing in it yet, as wide as the terminal, if it is one. */
export function emptyHelp(columns: number | undefined): Argv {
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

/** Leaves `[string] [array]` out of a help text. (yargs 18 has the setting, its type declarations are of 17.) */
function hideTypes(help: Argv): void {
  (help as Argv & { usageConfiguration(settings: object): Argv }).usageConfiguration({ 'hide-types': true });
}
