/** What an image says about itself and what it opens: EXPOSE, VOLUME, MAINTAINER, ONBUILD. */
import type { Expose, Maintainer, Onbuild, Volume } from '../../instructions/index.ts';
import { checkExposeFormat } from '../rules/expose-invalid-format.ts';
import { checkExposeProtocol } from '../rules/expose-proto-casing.ts';
import { expandWords } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import { bracket } from '../words/go-format.ts';
import { parsePort } from '../words/ports.ts';
import { configured, type Lowering, wordValue } from './lowering.ts';
import { type StageState, withCollected } from './stage-state.ts';

/** EXPOSE sorts its words as they are written, then splits what variables hold. */
export function lowerExpose(instruction: Expose, state: StageState, lowering: Lowering): StageState {
  const words = instruction.ports.toSorted((a, b) => (a.raw < b.raw ? -1 : 1));
  const ports = words.flatMap((word) => expandWords(word, state.scope)).flatMap((text) => portsOf(text, lowering));
  const exposed = ports.reduce((all, port) => all.with(port, {}), state.collected.ports);
  return configured(withCollected(state, { ports: exposed }), instruction, `EXPOSE ${ports.join(' ')}`, lowering);
}

function portsOf(text: string, { range, report }: Lowering): readonly string[] {
  const { ports, protocol, mapsHost } = parsePort(text);
  checkExposeProtocol(text, protocol, range, report);
  checkExposeFormat(text, mapsHost, range, report);
  return ports.map((port) => `${port}/${protocol.toLowerCase()}`);
}

export function lowerVolume(instruction: Volume, state: StageState, lowering: Lowering): StageState {
  const paths = instruction.paths.map((word) => wordValue(word, state, lowering));
  if (paths.includes('')) throw new Fault('empty-volume', 'VOLUME specified can not be an empty string');
  const volumes = paths.reduce((all, path) => all.with(path, {}), state.collected.volumes);
  return configured(withCollected(state, { volumes }), instruction, `VOLUME ${bracket(paths)}`, lowering);
}

export function lowerMaintainer(instruction: Maintainer, state: StageState, lowering: Lowering): StageState {
  const { name } = instruction;
  return configured({ ...state, author: name }, instruction, `MAINTAINER ${name}`, lowering);
}

/** ONBUILD only leaves its text in the config; it has no entry in the history. */
export function lowerOnbuild(instruction: Onbuild, state: StageState): StageState {
  return withCollected(state, { triggers: state.collected.triggers.with(instruction.text) });
}
