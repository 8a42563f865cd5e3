import { MkimageError } from '../../errors.ts';
import { createSuggestionHint } from '../../notation/index.ts';

/** Finds the page of a check by its name (case-insensitive) or its hadolint code. Ends with a line feed. Throws `usage`. */
export async function explainRule(asked: string): Promise<string> {
  const [{ readRulePages }, { findChecks, explainFault }] = await Promise.all([
    import('./rule-pages.ts'),
    import('../../lint/index.ts'),
  ]);
  const pages = readRulePages();
  const named = Object.keys(pages).filter((name) => name.toLowerCase() === asked.toLowerCase());
  const found = named.length > 0 ? named : findChecks(asked).filter((name) => Object.hasOwn(pages, name));
  if (found.length > 0) return found.map((name) => pages[name]!).join('\n');
  const fault = explainFault(asked);
  if (fault !== undefined) return `# ${asked.toUpperCase()}\n\n${fault}\n`;
  throw new MkimageError('usage', `explain \`${asked}\`: unknown check`, { hint: createHint(asked, pages) });
}

function createHint(asked: string, pages: Readonly<Record<string, string>>): string {
  if (/^SC\d+$/i.test(asked)) return "ShellCheck's checks are not supported";
  return createSuggestionHint(
    asked,
    Object.keys(pages),
    'give the name in parentheses at the end of a finding, or a hadolint code',
  );
}
