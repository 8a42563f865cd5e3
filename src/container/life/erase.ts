import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../../host/index.ts';
import type { ContainerHome } from '../home.ts';
import type { ContainerFolder } from '../record.ts';
import { tellContainer } from './tell.ts';

/** Removes a stopped container with everything it has. Its name is free afterwards. */
export async function eraseContainer(
  home: ContainerHome,
  folder: ContainerFolder,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  const record = folder.record();
  const doomed = join(home.directory, `removed-${folder.id}`);
  renameSync(folder.path, doomed);
  removeTree(doomed);
  if (volumes) await home.volumes?.removeAnonymous(record);
  tellContainer(home, record, 'destroy');
}
