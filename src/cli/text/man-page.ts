/** Manual pages in roff, man(7), out of the descriptions that help and completion use. Pure. */
import type { VerbDescription } from '../verb-definition.ts';
import type { Variable } from './environment.ts';

/** The page of a verb: `mkimage-build.1`. */
export function verbPage(verb: VerbDescription, version: string): string {
  return page(
    [
      title(pageName(verb.name), version),
      section('NAME', [`${pageName(verb.name)} \\- ${roff(verb.summary)}`]),
      section('SYNOPSIS', [`\\fBmkimage ${roff(verb.name)}\\fR [\\fIflags\\fR] ${roff(verb.operands)}`.trimEnd()]),
      section('OPTIONS', visibleFlags(verb).flatMap(flagLines)),
      section(
        'EXAMPLES',
        (verb.examples ?? []).flatMap(([command, about]) => exampleLines(command, about)),
      ),
      section('SEE ALSO', ['\\fBmkimage\\fR(1)']),
    ].flat(),
  );
}

/** The page of the program: `mkimage.1`. */
export function programPage(
  verbs: readonly VerbDescription[],
  variables: readonly Variable[],
  exitCodes: readonly (readonly [code: number, about: string])[],
  version: string,
): string {
  return page(
    [
      title('mkimage', version),
      section('NAME', ['mkimage \\- build container images from a Dockerfile, without a daemon']),
      section('SYNOPSIS', ['\\fBmkimage\\fR \\fIcommand\\fR [\\fIflags\\fR] [\\fIoperands\\fR]']),
      section(
        'COMMANDS',
        verbs.flatMap(({ name, summary }) =>
          item(`\\fBmkimage ${roff(name)}\\fR`, `${summary}; see ${pageName(name)}(1)`),
        ),
      ),
      section(
        'ENVIRONMENT',
        variables.flatMap(({ name, about }) => item(`\\fB${roff(name)}\\fR`, about)),
      ),
      section(
        'EXIT STATUS',
        exitCodes.flatMap(([code, about]) => item(`\\fB${code}\\fR`, about)),
      ),
      section('SEE ALSO', [verbs.map(({ name }) => `\\fB${roff(pageName(name))}\\fR(1)`).join(',\n')]),
    ].flat(),
  );
}

/** `cache-mounts ls` has the page `mkimage-cache-mounts-ls`. */
export function pageName(verb: string): string {
  return `mkimage-${verb.replaceAll(' ', '-')}`;
}

function visibleFlags({ flags }: VerbDescription): readonly [string, VerbDescription['flags'][string]][] {
  return Object.entries(flags).filter(([, { hidden }]) => hidden !== true);
}

function flagLines([name, flag]: [string, VerbDescription['flags'][string]]): readonly string[] {
  const value =
    flag.type === 'string' ? ` \\fI${flag.choices === undefined ? 'value' : roff(flag.choices.join('|'))}\\fR` : '';
  const short = typeof flag.alias === 'string' ? `\\fB${roff(`-${flag.alias}`)}\\fR, ` : '';
  return item(`${short}\\fB${roff(`--${name}`)}\\fR${value}`, String(flag.describe ?? ''));
}

function exampleLines(command: string, about: string): readonly string[] {
  return [...item(`\\fB${roff(command)}\\fR`, about)];
}

function item(tag: string, text: string): readonly string[] {
  return ['.TP', tag, roff(text)];
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${name}`, ...lines];
}

/** No date: the same sources give the same page. */
function title(name: string, version: string): readonly string[] {
  return [`.TH ${roff(name).toUpperCase()} 1 "" "mkimage ${roff(version)}" "mkimage manual"`];
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** Text that roff takes as it is: backslashes, hyphens that may be copied, and no line that begins with a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^([.'])/, '\\&$1');
}
