import { EXIT_CODE_MEANINGS } from '../../src/cli/exit-code.ts';
import { VARIABLES } from '../../src/cli/text/environment.ts';
import { renderProgramPage, renderVerbPage, toPageName } from '../../src/cli/text/man-page.ts';
import { loadVerbs } from '../../src/cli/verbs.ts';
import { VERSION } from '../../src/cli/version.ts';

/** Every manual page: its file name and its text. */
export async function renderManualPages(): Promise<ReadonlyMap<string, string>> {
  const verbs = (await loadVerbs()).map(({ description }) => description);
  return new Map([
    ['mkimage.1', renderProgramPage(verbs, { variables: VARIABLES, exitCodes: EXIT_CODE_MEANINGS, version: VERSION })],
    ...verbs.map((verb) => [`${toPageName(verb.name)}.1`, renderVerbPage(verb, VERSION)] as const),
  ]);
}
