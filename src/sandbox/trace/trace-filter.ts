import { FilterAssembler } from '../seccomp/assembler.ts';

const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
const X86_64 = 0xc000_003e;
/** Calls of the x32 interface have this bit. */
const X32 = 0x4000_0000;

const ALLOW = 0x7fff_0000;
const TRACE = 0x7ff0_0000;
const ERRNO = 0x0005_0000;
const ENOSYS = 38;
const EACCES = 13;
/** The sockets that reach no network: AF_UNIX and AF_NETLINK. */
const LOCAL: readonly number[] = [1, 16];

export interface TraceFilter {
  /** Numbers of calls that stop the process. */
  readonly calls: readonly number[];
  /** The number of socket(2), if the step must not have a network. */
  readonly socket: number | undefined;
}

/** A filter (`struct sock_filter[]`) that stops a process before certain calls. Other interfaces of the kernel are refused. */
export function traceFilter({ calls, socket }: TraceFilter): Buffer {
  const assembler = new FilterAssembler();
  const refused = assembler.newLabel();
  assembler.load(ARCHITECTURE);
  assembler.unless('==', X86_64, refused);
  assembler.load(NUMBER);
  const plain = assembler.newLabel();
  assembler.unless('>=', X32, plain);
  assembler.answer(ERRNO | ENOSYS);
  assembler.place(plain);
  for (const call of calls) answerIf(assembler, call, TRACE);
  if (socket !== undefined) refuseNetwork(assembler, socket);
  assembler.answer(ALLOW);
  assembler.place(refused);
  assembler.answer(ERRNO | ENOSYS);
  return assembler.finish();
}

function answerIf(assembler: FilterAssembler, value: number, answer: number): void {
  const other = assembler.newLabel();
  assembler.unless('==', value, other);
  assembler.answer(answer);
  assembler.place(other);
}

function refuseNetwork(assembler: FilterAssembler, socket: number): void {
  const other = assembler.newLabel();
  assembler.unless('==', socket, other);
  assembler.load(FIRST_ARGUMENT);
  for (const family of LOCAL) answerIf(assembler, family, ALLOW);
  assembler.answer(ERRNO | EACCES);
  assembler.place(other);
}
