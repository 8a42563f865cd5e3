/** Instructions with one simple value: EXPOSE, VOLUME, WORKDIR, USER, STOPSIGNAL, MAINTAINER. */
import {
  type ExposeCstChildren,
  findSourceSpan,
  getPayload,
  type MaintainerCstChildren,
  readTokenText,
  type StopsignalCstChildren,
  slicePart,
  type UserCstChildren,
  type VolumeCstChildren,
  type WorkdirCstChildren,
} from '#grammar';
import { reportNotStrings } from './command.ts';
import { readNoFlags } from './flags.ts';
import type { Expose, Maintainer, StopSignal, User, Volume, Word, Workdir } from './instruction.ts';
import { type Frame, type Reading, readWord, readWordAt, reportError } from './reading.ts';

export function readExpose(reading: Reading, node: ExposeCstChildren, frame: Frame): Expose {
  readNoFlags(reading, node.flags[0]);
  return { kind: 'expose', ...frame, ports: node.Word.map((token) => readWord(reading, readTokenText(token))) };
}

export function readVolume(reading: Reading, node: VolumeCstChildren, frame: Frame): Volume | undefined {
  readNoFlags(reading, node.flags[0]);
  const paths = readVolumePaths(reading, node);
  if (paths === undefined) return undefined;
  if (paths.length > 0 && paths.every(({ raw }) => raw.trim() !== '')) return { kind: 'volume', ...frame, paths };
  const message = paths.length === 0 ? '`VOLUME` needs at least one path' : '`VOLUME` does not accept an empty path';
  reportError(reading, { code: 'missing-argument', message }, frame.range);
  return undefined;
}

export function readWorkdir(reading: Reading, node: WorkdirCstChildren, frame: Frame): Workdir {
  readNoFlags(reading, node.flags[0]);
  return { kind: 'workdir', ...frame, path: readWord(reading, readTokenText(node.Text[0]!)) };
}

export function readUser(reading: Reading, node: UserCstChildren, frame: Frame): User {
  readNoFlags(reading, node.flags[0]);
  return { kind: 'user', ...frame, user: readWord(reading, readTokenText(node.Text[0]!)) };
}

export function readStopSignal(reading: Reading, node: StopsignalCstChildren, frame: Frame): StopSignal {
  readNoFlags(reading, node.flags[0]);
  return { kind: 'stopsignal', ...frame, signal: readWord(reading, readTokenText(node.Text[0]!)) };
}

export function readMaintainer(reading: Reading, node: MaintainerCstChildren, frame: Frame): Maintainer {
  readNoFlags(reading, node.flags[0]);
  return { kind: 'maintainer', ...frame, name: readTokenText(node.Text[0]!).text };
}

function readVolumePaths(reading: Reading, node: VolumeCstChildren): readonly Word[] | undefined {
  const { ExecForm, Word: words = [] } = node.paths[0]!.children;
  if (ExecForm === undefined) return words.map((token) => readWord(reading, readTokenText(token)));
  const { elements = [] } = getPayload(ExecForm[0]!);
  const text = readTokenText(ExecForm[0]!);
  if (elements === 'not-strings') return reportNotStrings(reading, findSourceSpan(text));
  return elements.map(({ value, start, end }) =>
    readWordAt(reading, value.trim(), findSourceSpan(slicePart(text, start, end))),
  );
}
