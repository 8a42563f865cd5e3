/** Settings that apply to every RUN of a build. */

export interface ExtraHost {
  readonly name: string;
  /** An IP address, or `host-gateway`: the machine that runs the build. */
  readonly address: string;
}

/** `setrlimit(2)` by the lower-case name of the limit (`nofile`); -1 is no limit. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** What steps may do only if the caller allows it. */
export type Entitlement = 'network.host' | 'security.insecure';

export type StepNetwork = 'default' | 'none' | 'host';

/** `auto`: the best isolation that this machine supports. */
export type Isolation = 'auto' | 'runc' | 'crun' | 'namespaces' | 'chroot';
