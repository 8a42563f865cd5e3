/** Says `ready` and then swaps two names of one directory for ever, as fast as it can. Arguments: the two paths. */
import { existsSync, renameSync, rmSync } from 'node:fs';

const [one, other] = [process.argv[2]!, process.argv[3]!];
console.log('ready');
while (existsSync(one)) {
  try {
    renameSync(one, `${one}.aside`);
    renameSync(other, one);
    renameSync(`${one}.aside`, other);
  } catch {
    // somebody made the one that was just not there
    rmSync(one, { recursive: true, force: true });
    renameSync(existsSync(`${one}.aside`) ? `${one}.aside` : other, one);
  }
}
