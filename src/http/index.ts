/** What everyone who speaks HTTP has in common: connections, where servers may send us, and how slow an answer may be. */
export { isLoopbackHost, type Scope, scopeOfHost } from './address.ts';
export { openConnections, type ProxySettings } from './connections.ts';
export { AddressGuard } from './guard.ts';
export { paced } from './pace.ts';
export { failedProxy, PROXY_HINT } from './proxy-fault.ts';
