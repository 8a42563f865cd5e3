/** Sections of CHANGELOG.md, whose format is that of Keep a Changelog 1.1.0. */
export interface Section {
  /** `Unreleased` or `X.Y.Z`. */
  readonly version: string;
  /** `YYYY-MM-DD`; undefined for what is not released. */
  readonly date: string | undefined;
  /** Markdown below the heading. */
  readonly notes: string;
}

/** In the order of the file. Throws for a heading that is neither `## [Unreleased]` nor `## [X.Y.Z] - YYYY-MM-DD`. */
export function sectionsOf(changelog: string): readonly Section[] {
  const [, ...parts] = changelog.split(/^## /m);
  return parts.map((part) => {
    const [heading = '', ...lines] = part.split('\n');
    const [, version, date] = /^\[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$/.exec(heading) ?? [];
    if (version === undefined && heading !== '[Unreleased]') {
      throw new Error(`CHANGELOG.md: \`## ${heading}\` is no heading of a version`);
    }
    return { version: version ?? 'Unreleased', date, notes: lines.join('\n').trim() };
  });
}
