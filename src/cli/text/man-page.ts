/** Renders manual pages in roff, man(7), from the descriptions that help and completion use. Pure. */
import type { VerbDescription } from '../verb-definition.ts';
import type { Variable } from './environment.ts';

/** The page of a verb: `mkimage-build.1`. */
export function renderVerbPage(verb: VerbDescription, version: string): string {
  return page(
    [
      title(toPageName(verb.name), version),
      section('NAME', [`${toPageName(verb.name)} \\- ${escapeRoff(verb.summary)}`]),
      section('SYNOPSIS', [
        `\\fBmkimage ${escapeRoff(verb.name)}\\fR [\\fIflags\\fR] ${escapeRoff(verb.operands)}`.trimEnd(),
      ]),
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
export function renderProgramPage(
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
          item(`\\fBmkimage ${escapeRoff(name)}\\fR`, `${summary}; see ${toPageName(name)}(1)`),
        ),
      ),
      section(
        'ENVIRONMENT',
        variables.flatMap(({ name, about }) => item(`\\fB${escapeRoff(name)}\\fR`, about)),
      ),
      section(
        'EXIT STATUS',
        exitCodes.flatMap(([code, about]) => item(`\\fB${code}\\fR`, about)),
      ),
      section('SEE ALSO', [verbs.map(({ name }) => `\\fB${escapeRoff(toPageName(name))}\\fR(1)`).join(',\n')]),
    ].flat(),
  );
}

/** `cache-mounts ls` has the page `mkimage-cache-mounts-ls`. */
export function toPageName(verb: string): string {
  return `mkimage-${verb.replaceAll(' ', '-')}`;
}

function visibleFlags({ flags }: VerbDescription): readonly [string, VerbDescription['flags'][string]][] {
  return Object.entries(flags).filter(([, { hidden }]) => hidden !== true);
}

function flagLines([name, flag]: [string, VerbDescription['flags'][string]]): readonly string[] {
  const value =
    flag.type === 'string'
      ? ` \\fI${flag.choices === undefined ? 'value' : escapeRoff(flag.choices.join('|'))}\\fR`
      : '';
  const short = typeof flag.alias === 'string' ? `\\fB${escapeRoff(`-${flag.alias}`)}\\fR, ` : '';
  return item(`${short}\\fB${escapeRoff(`--${name}`)}\\fR${value}`, String(flag.describe ?? ''));
}

function exampleLines(command: string, about: string): readonly string[] {
  return [...item(`\\fB${escapeRoff(command)}\\fR`, about)];
}

function item(tag: string, text: string): readonly string[] {
  return ['.TP', tag, escapeRoff(text)];
}

function section(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${name}`, ...lines];
}

/** Has no date, so that the same sources always give the same page. */
function title(name: string, version: string): readonly string[] {
  return [`.TH ${escapeRoff(name).toUpperCase()} 1 "" "mkimage ${escapeRoff(version)}" "mkimage manual"`];
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** Escapes text for roff: backslashes, hyphens (so that they can be copied) and a leading `.` or `'`. */
function escapeRoff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .replace(/^([.'])/, '\\&$1');
}
