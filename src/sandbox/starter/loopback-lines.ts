import { ROOT } from './mount-lines.ts';
import type { Line } from './table.ts';

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;

/** The loopback interface of a new network namespace is down (netdevice(7)). */
export function loopbackUp(): readonly Line[] {
  const request = Buffer.alloc(40);
  request.write('lo');
  request.writeUInt16LE(IFF_UP, 16);
  const doing = 'start the loopback interface';
  return [
    { name: 'socket', args: [AF_INET, SOCK_DGRAM, 0], doing },
    { name: 'ioctl', args: [ROOT, SIOCSIFFLAGS, request], doing },
    { name: 'close', args: [ROOT], doing },
  ];
}
