import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecSettings } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { createOwnedName, livenessOf, writeAtomically } from '../../host/index.ts';
import type { ContainerFolder } from '../record.ts';

/** `exec.json`: a process that was asked for in a container, and what became of it. */
export interface ExecRecord {
  readonly id: string;
  readonly container: string;
  readonly settings: ExecSettings;
  /** 0 until it is started. */
  readonly pid: number;
  /** Owner names of the process and its recorder; '' until it is started. */
  readonly process: string;
  readonly recorderProcess: string;
  readonly hasStarted: boolean;
  /** Of a program that could not be started. */
  readonly failedWith?: number;
}

const ID = /^[0-9a-f]{64}$/;

/** The folder of one such process, `<container>/exec/<id>`. It stays until the container is started again or removed. */
export class ExecFolder {
  readonly path: string;

  constructor(container: ContainerFolder, id: string) {
    this.path = join(container.file('exec'), id);
  }

  get exit(): string {
    return join(this.path, 'exit');
  }

  get scratch(): string {
    return join(this.path, 'scratch');
  }

  create(record: ExecRecord): void {
    mkdirSync(this.scratch, { recursive: true, mode: 0o700 });
    this.write(record);
  }

  /** Throws `not-found`. */
  read(): ExecRecord {
    try {
      return JSON.parse(readFileSync(join(this.path, 'exec.json'), 'utf8')) as ExecRecord;
    } catch (cause) {
      throw new MkimageError('not-found', `No such exec instance: ${this.path.slice(-64)}`, { cause });
    }
  }

  write(record: ExecRecord): void {
    const temporary = join(this.path, createOwnedName('exec'));
    writeAtomically(join(this.path, 'exec.json'), JSON.stringify(record), { temporary, durability: 'kill' });
  }

  /** The record of the exit recorder; empty if there is none. */
  exitRecord(): Buffer {
    return existsSync(this.exit) ? readFileSync(this.exit) : Buffer.alloc(0);
  }
}

export function isExecRunning({ hasStarted, process }: ExecRecord): boolean {
  return hasStarted && process !== '' && livenessOf(process) === 'alive';
}

/** All processes that were asked for in a container since it was started. */
export function listExecs(container: ContainerFolder): readonly ExecRecord[] {
  if (!existsSync(container.file('exec'))) return [];
  const ids = readdirSync(container.file('exec')).filter((name) => ID.test(name));
  return ids.flatMap((id) => {
    try {
      return [new ExecFolder(container, id).read()];
    } catch {
      return []; // it is just being made or removed
    }
  });
}
