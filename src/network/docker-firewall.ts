import { isMkimageError } from '../errors.ts';
import { findHostProgram } from '../host/index.ts';
import { BRIDGES } from './rules.ts';
import { runTool } from './tools.ts';

/** Docker's chain for rules of others, which comes before its own. */
const CHAIN = 'DOCKER-USER';

/**
 * Docker drops all packets between interfaces that it does not know, also between two ends of one bridge. Where it runs, its chain for rules
 * of others gets one that lets the packets of mkimage's bridges pass; mkimage's own table decides about them. Other firewalls stay as they are.
 */
export async function passDockerFirewall(): Promise<void> {
  if (findHostProgram('iptables') === undefined) return;
  if (!(await succeeds('-S', CHAIN))) return;
  for (const side of ['-i', '-o']) {
    const rule = [CHAIN, side, `${BRIDGES}+`, '-j', 'ACCEPT'];
    if (!(await succeeds('-C', ...rule))) await runTool("pass Docker's firewall", ['iptables', '-w', '-I', ...rule]);
  }
}

async function succeeds(...args: readonly string[]): Promise<boolean> {
  try {
    await runTool("read Docker's firewall", ['iptables', '-w', ...args]);
    return true;
  } catch (error) {
    if (isMkimageError(error, 'sandbox')) return false;
    throw error;
  }
}
