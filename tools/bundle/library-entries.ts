/** What can be imported: `mkimage` (index) and `mkimage/<name>`, by the file that says what it has. */
export const LIBRARY: Readonly<Record<string, string>> = {
  index: 'src/index.ts',
  parser: 'src/library/parser.ts',
  lint: 'src/library/lint.ts',
  format: 'src/library/format.ts',
};
