/** Renders manual pages in roff, man(7), from the descriptions that help and completion use. Pure. */
import type { VerbDescription } from '../verb-definition.ts';
import type { Variable } from './environment.ts';

/** The page of a verb: `mkimage-build.1`. */
export function renderVerbPage(verb: VerbDescription, version: string): string {
  return formatPage(
    [
      formatTitle(toPageName(verb.name), version),
      formatSection('NAME', [`${toPageName(verb.name)} \\- ${escapeRoff(verb.summary)}`]),
      formatSection('SYNOPSIS', [
        `\\fBmkimage ${escapeRoff(verb.name)}\\fR [\\fIflags\\fR] ${escapeRoff(verb.operands)}`.trimEnd(),
      ]),
      formatSection('OPTIONS', listVisibleFlags(verb).flatMap(formatFlag)),
      formatSection(
        'EXAMPLES',
        (verb.examples ?? []).flatMap(([command, about]) => formatExample(command, about)),
      ),
      formatSection('SEE ALSO', ['\\fBmkimage\\fR(1)']),
    ].flat(),
  );
}

interface ProgramPage {
  readonly variables: readonly Variable[];
  readonly exitCodes: readonly (readonly [code: number, about: string])[];
  readonly version: string;
}

/** The page of the program: `mkimage.1`. */
export function renderProgramPage(
  verbs: readonly VerbDescription[],
  { variables, exitCodes, version }: ProgramPage,
): string {
  return formatPage(
    [
      formatTitle('mkimage', version),
      formatSection('NAME', ['mkimage \\- build container images from a Dockerfile, without a daemon']),
      formatSection('SYNOPSIS', ['\\fBmkimage\\fR \\fIcommand\\fR [\\fIflags\\fR] [\\fIoperands\\fR]']),
      formatSection(
        'COMMANDS',
        verbs.flatMap(({ name, summary }) =>
          formatItem(`\\fBmkimage ${escapeRoff(name)}\\fR`, `${summary}; see ${toPageName(name)}(1)`),
        ),
      ),
      formatSection(
        'ENVIRONMENT',
        variables.flatMap(({ name, about }) => formatItem(`\\fB${escapeRoff(name)}\\fR`, about)),
      ),
      formatSection(
        'EXIT STATUS',
        exitCodes.flatMap(([code, about]) => formatItem(`\\fB${code}\\fR`, about)),
      ),
      formatSection('SEE ALSO', [verbs.map(({ name }) => `\\fB${escapeRoff(toPageName(name))}\\fR(1)`).join(',\n')]),
    ].flat(),
  );
}

/** `cache-mounts ls` has the page `mkimage-cache-mounts-ls`. */
export function toPageName(verb: string): string {
  return `mkimage-${verb.replaceAll(' ', '-')}`;
}

function listVisibleFlags({ flags }: VerbDescription): readonly [string, VerbDescription['flags'][string]][] {
  return Object.entries(flags).filter(([, { hidden }]) => hidden !== true);
}

function formatFlag([name, flag]: [string, VerbDescription['flags'][string]]): readonly string[] {
  const value =
    flag.type === 'string'
      ? ` \\fI${flag.choices === undefined ? 'value' : escapeRoff(flag.choices.join('|'))}\\fR`
      : '';
  const short = typeof flag.alias === 'string' ? `\\fB${escapeRoff(`-${flag.alias}`)}\\fR, ` : '';
  return formatItem(`${short}\\fB${escapeRoff(`--${name}`)}\\fR${value}`, String(flag.describe ?? ''));
}

function formatExample(command: string, about: string): readonly string[] {
  return [...formatItem(`\\fB${escapeRoff(command)}\\fR`, about)];
}

function formatItem(tag: string, text: string): readonly string[] {
  return ['.TP', tag, escapeRoff(text)];
}

function formatSection(name: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${name}`, ...lines];
}

/** Has no date, so that the same sources always give the same page. */
function formatTitle(name: string, version: string): readonly string[] {
  return [`.TH ${escapeRoff(name).toUpperCase()} 1 "" "mkimage ${escapeRoff(version)}" "mkimage manual"`];
}

function formatPage(lines: readonly string[]): string {
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
