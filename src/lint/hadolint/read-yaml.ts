/** Parses the text of `.hadolint.yaml`. The YAML library is only loaded if such a file exists. */
import { readDocument, SettingsFault } from './read-document.ts';
import type { SettingsPart } from './settings.ts';

/** Limits far above what a settings file needs. The parser is recursive, so deep nesting could overflow the stack. */
const MOST_BRACKETS = 200;
const MOST_INDICATORS_A_LINE = 50;
const MOST_ALIASES = 100;

/** Throws a SettingsFault. */
export async function readSettingsText(text: string): Promise<SettingsPart> {
  requireFlat(text);
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (error !== undefined) throw new SettingsFault(`line ${lineOf(text, error.pos[0])}: it is no YAML`);
  return readDocument(parseData(() => document.toJS({ maxAliasCount: MOST_ALIASES })));
}

/** Throws if the text can be nested deeper than the limits allow. */
function requireFlat(text: string): void {
  let brackets = 0;
  let indicators = 0;
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at]!;
    if (letter === '\n') indicators = 0;
    else if (letter === '[' || letter === '{') brackets += 1;
    else if (/[-?:]/.test(letter) && /\s/.test(text[at + 1] ?? '\n')) indicators += 1;
    if (brackets > MOST_BRACKETS || indicators > MOST_INDICATORS_A_LINE)
      throw new SettingsFault('it is nested too deep');
  }
}

/** The library throws if aliases expand a small text to a very large document. */
function parseData(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw new SettingsFault('its aliases cannot be followed', { cause: error });
  }
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
