/** Fixes for EXPOSE, MAINTAINER, WORKDIR and the platform of FROM. */
import type { Instruction, TextEdit } from '../../instructions/index.ts';
import type { FixContext } from './fix-context.ts';

export function fixProtocol({ instruction }: FixContext) {
  const edits = createPortEdits(instruction, (port) => port.replace(/\/\w+$/, (protocol) => protocol.toLowerCase()));
  return edits && ({ title: 'write the protocol in lower case', edits, isSafe: true } as const);
}

/** Removes the host part, which never had an effect: EXPOSE only reads the container port. */
export function fixExposedHost({ instruction }: FixContext) {
  const edits = createPortEdits(instruction, (port) => port.slice(port.lastIndexOf(':') + 1));
  return edits && ({ title: 'write only the port of the container', edits, isSafe: true } as const);
}

function createPortEdits(instruction: Instruction, change: (port: string) => string): readonly TextEdit[] | undefined {
  if (instruction.kind !== 'expose') return undefined;
  const edits = instruction.ports
    .filter(({ raw }) => !/[$"']/.test(raw) && change(raw) !== raw)
    .map(({ raw, range }) => ({ range, text: change(raw) }));
  return edits.length === 0 ? undefined : edits;
}

export function fixMaintainer({ instruction, lintFile }: FixContext) {
  if (instruction.kind !== 'maintainer') return undefined;
  const { keyword, name, range } = instruction;
  const value = name.replace(/["\\$`]/g, (letter) => (letter === '`' ? letter : `${lintFile.file.escape}${letter}`));
  const label = keyword === keyword.toLowerCase() ? 'label' : 'LABEL';
  const text = `${label} org.opencontainers.image.authors="${value}"`;
  return { title: 'name the author in a label', edits: [{ range, text }] };
}

export function fixTargetPlatform({ instruction, lintFile }: FixContext) {
  const line = lintFile.source.line(instruction);
  const flag = /(?<!\s)\s+--platform=\S+/.exec(line.text);
  if (!flag) return undefined;
  const edits = [{ range: line.toRange(flag.index, flag.index + flag[0].length), text: '' }];
  return { title: 'remove `--platform`', edits, isSafe: true } as const;
}

/** Only correct if the WORKDIR of the base image is `/`, which is the usual case. So the fix is not marked as safe. */
export function fixWorkdir({ instruction, lintFile }: FixContext) {
  if (instruction.kind !== 'workdir') return undefined;
  const { raw, range } = instruction.path;
  const skipped = /^(["']?)(\.\/)?\.?\w/.exec(raw);
  if (!skipped || lintFile.source.text.slice(range.start.offset, range.end.offset) !== raw) return undefined;
  const at = range.start.offset + skipped[1]!.length;
  const edits = [{ range: lintFile.source.toRange(at, at + (skipped[2] ?? '').length), text: '/' }];
  return { title: 'begin with `/`', edits };
}
