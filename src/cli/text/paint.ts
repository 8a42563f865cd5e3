const STYLES = { bold: 1, dim: 2, red: 31, yellow: 33, blue: 34, cyan: 36 } as const;

export type Style = keyof typeof STYLES;
export type Paint = (style: Style, text: string) => string;

/** Creates a function that colours text (ECMA-48 SGR) or returns it unchanged. `util.styleText` looks at stdout; we write to stderr. */
export function createPaint(colour: boolean): Paint {
  return (style, text) => (colour ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text);
}
