/** Instructions for image metadata: EXPOSE, VOLUME, MAINTAINER, ONBUILD. */
import type { Expose, Maintainer, Onbuild, Volume } from '../../instructions/index.ts';
import { checkExposeFormat } from '../rules/expose-invalid-format.ts';
import { checkExposeProtocol } from '../rules/expose-proto-casing.ts';
import { expandWords } from '../words/expand.ts';
import { Fault } from '../words/fault.ts';
import { formatList } from '../words/go-format.ts';
import { parsePort } from '../words/ports.ts';
import { addConfigStep, evaluateWord, type Lowering } from './lowering.ts';
import { type StageState, withCollected } from './stage-state.ts';

/** Like BuildKit, sorts the words of EXPOSE before variables are expanded and split. */
export function lowerExpose(instruction: Expose, state: StageState, lowering: Lowering): StageState {
  const words = instruction.ports.toSorted((a, b) => (a.raw < b.raw ? -1 : 1));
  const ports = words.flatMap((word) => expandWords(word, state.scope)).flatMap((text) => parsePorts(text, lowering));
  const exposed = ports.reduce((all, port) => all.with(port, {}), state.collected.ports);
  return addConfigStep(withCollected(state, { ports: exposed }), lowering, {
    instruction,
    createdBy: `EXPOSE ${ports.join(' ')}`,
  });
}

function parsePorts(text: string, { range, report }: Lowering): readonly string[] {
  const { ports, protocol, mapsHost } = parsePort(text);
  checkExposeProtocol(text, protocol, { range, report });
  checkExposeFormat(text, mapsHost, { range, report });
  return ports.map((port) => `${port}/${protocol.toLowerCase()}`);
}

export function lowerVolume(instruction: Volume, state: StageState, lowering: Lowering): StageState {
  const paths = instruction.paths.map((word) => evaluateWord(word, state, lowering));
  if (paths.includes('')) throw new Fault('empty-volume', 'VOLUME specified can not be an empty string');
  const volumes = paths.reduce((all, path) => all.with(path, {}), state.collected.volumes);
  return addConfigStep(withCollected(state, { volumes }), lowering, {
    instruction,
    createdBy: `VOLUME ${formatList(paths)}`,
  });
}

export function lowerMaintainer(instruction: Maintainer, state: StageState, lowering: Lowering): StageState {
  const { name } = instruction;
  return addConfigStep({ ...state, author: name }, lowering, { instruction, createdBy: `MAINTAINER ${name}` });
}

/** ONBUILD adds its text to the config. It has no history entry. */
export function lowerOnbuild(instruction: Onbuild, state: StageState): StageState {
  return withCollected(state, { triggers: state.collected.triggers.with(instruction.text) });
}
