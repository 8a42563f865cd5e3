import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CreateContainerRequest } from '../../api/index.ts';
import type { Services } from '../../engine/services.ts';
import { MkimageError } from '../../errors.ts';
import { withProgress } from '../render/index.ts';
import type { Terminal } from '../terminal.ts';

export interface CreateOptions {
  readonly cidfile: string | undefined;
  readonly quiet: boolean;
  readonly terminal: Terminal;
}

/** Creates a container; shows the progress of a pull on standard error. Returns its id. */
export async function createHere(
  services: Services,
  request: CreateContainerRequest,
  { cidfile, quiet, terminal }: CreateOptions,
): Promise<string> {
  const file = cidfile === undefined ? undefined : resolve(terminal.cwd(), cidfile);
  if (file !== undefined && existsSync(file)) {
    throw new MkimageError(
      'usage',
      `container ID file found, make sure the other container isn't running or delete ${cidfile}`,
    );
  }
  const { createContainer } = await import('../../engine/containers/create.ts');
  const { id, warnings } = await withProgress(quiet ? 'quiet' : 'auto', terminal, (call) =>
    createContainer(services, request, call),
  );
  for (const warning of warnings) terminal.stderr.write(`WARNING: ${warning}\n`);
  if (file !== undefined) writeFileSync(file, id);
  return id;
}
