/** Sends results to the client: bytes of an archive, or a directory. */
import { createReadStream, lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { MkimageError } from '../../../errors.ts';
import type { OpenCall } from '../grpc/client.ts';
import { toGoMode } from './file-mode.ts';
import { createPacket, createStat, METHODS, PACKET, type Packet, type Stat } from './messages.ts';
import type { Session } from './session.ts';

const PIECE = 1024 * 1024;
const ENTRIES_AT_ONCE = 200;

/** Which output of the client the bytes are for. */
interface Destination {
  /** The place of the exporter in the request of the build. */
  readonly exporter: number;
  readonly signal: AbortSignal;
}

function toSettings({ exporter, signal }: Destination) {
  return { signal, metadata: { 'buildkit-attachable-exporter-id': String(exporter) } };
}

/** Sends a file. Throws `network`, `cancelled`, and what the client says. */
export async function sendFile(session: Session, path: string, destination: Destination): Promise<void> {
  await using call = session.open(METHODS.sendBytes, toSettings(destination));
  for await (const data of createReadStream(path, { highWaterMark: PIECE })) await call.send({ data });
  call.finish();
  for await (const _ of call.messages);
}

/** Sends what a folder contains. The client asks for the contents of files. Throws as `sendFile`. */
export async function sendFolder(session: Session, folder: string, destination: Destination): Promise<void> {
  await using call = session.open(METHODS.sendFiles, toSettings(destination));
  const files: string[] = [];
  const list = async () => {
    for (const stat of walk(folder, '')) {
      files.push(join(folder, stat.path));
      // Reading a large tree must not keep other clients waiting.
      if (files.length % ENTRIES_AT_ONCE === 0) await setImmediate();
      await call.send(createPacket({ type: PACKET.stat, stat }));
    }
    await call.send(createPacket({ type: PACKET.stat }));
  };
  const listing = list();
  listing.catch(() => {});
  for await (const packet of call.messages) await answer(call, packet, files);
  await listing;
}

async function answer(call: OpenCall<Packet, Packet>, { type, id, data }: Packet, files: string[]): Promise<void> {
  switch (type) {
    case PACKET.request: {
      const file = files[id];
      if (file === undefined) throw new MkimageError('usage', `send files: the client asks for entry ${id}`);
      for await (const piece of createReadStream(file, { highWaterMark: PIECE }))
        await call.send(createPacket({ type: PACKET.data, id, data: piece }));
      return call.send(createPacket({ type: PACKET.data, id }));
    }
    case PACKET.end:
      await call.send(createPacket({ type: PACKET.end }));
      call.finish();
      return;
    case PACKET.error:
      throw new MkimageError('network', `send files: the client says: ${Buffer.from(data).toString('utf8')}`);
  }
}

/** All entries, directories before their contents, names in the order of their bytes. */
function* walk(folder: string, path: string): Generator<Stat> {
  const names = readdirSync(join(folder, path)).map((name) => Buffer.from(name));
  for (const name of names.sort(Buffer.compare)) {
    const stat = describe(folder, path === '' ? String(name) : `${path}/${name}`);
    yield stat;
    if (stat.mode >= 2 ** 31) yield* walk(folder, stat.path);
  }
}

function describe(folder: string, path: string): Stat {
  const { mode, size, mtimeNs, uid, gid } = lstatSync(join(folder, path), { bigint: true });
  const type = Number(mode) & 0o170000;
  return createStat({
    path,
    mode: toGoMode(Number(mode)),
    uid: Number(uid),
    gid: Number(gid),
    size: type === 0o100000 ? Number(size) : 0,
    modified: mtimeNs,
    linkname: type === 0o120000 ? readlinkSync(join(folder, path)) : '',
  });
}
