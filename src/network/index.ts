/**
 * PORT. Networks of containers on this machine: bridges, addresses, names and published ports.
 *
 * The records of running containers decide; rules and names are written anew from them at each change. So what a killed process has left
 * is gone with the next change. Interfaces are made with ip(8), rules with nft(8), and names are served by aardvark-dns.
 */
export { attach, attachMore, DEFAULT_NETWORK, detach, detachOne, renameAttached } from './attach.ts';
export { missingNameServer } from './names.ts';
export { createNetwork, ensureDefaultNetwork, findObstacle, removeNetwork } from './networks.ts';
export { toPortMap } from './ports.ts';
export { type Attachment, type Endpoint, NetworkFolder, type NetworkRecord } from './records.ts';
export { bridgeOf } from './rules.ts';
export { findNameServer } from './tools.ts';
