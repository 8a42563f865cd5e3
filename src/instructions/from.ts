import { type FromCstChildren, readTokenText } from '#grammar';
import { readFlags, readFlagWord } from './flags.ts';
import type { From } from './instruction.ts';
import { createOptionalMember, type Frame, findTextRange, type Reading, readWord, reportError } from './reading.ts';

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

export function readFrom(reading: Reading, node: FromCstChildren, frame: Frame): From {
  const { platform } = readFlags(reading, node.flags[0], { platform: 'text' });
  const image = readWord(reading, readTokenText(node.image[0]!));
  return {
    kind: 'from',
    ...frame,
    image,
    ...createOptionalMember('platform', readFlagWord(reading, platform)),
    ...createOptionalMember('as', readStage(reading, node)),
  };
}

function readStage(reading: Reading, node: FromCstChildren): From['as'] {
  const [keyword, stage] = [node.As?.[0], node.stage?.[0]];
  if (keyword === undefined || stage === undefined) return undefined;
  const text = readTokenText(stage);
  const range = findTextRange(reading, text);
  if (!STAGE_NAME.test(text.text.toLowerCase())) {
    const hint = 'start with a letter; use letters, digits, `-`, `_` and `.`';
    reportError(reading, { code: 'invalid-stage-name', message: `invalid stage name \`${text.text}\``, hint }, range);
  }
  return { name: text.text, keyword: readTokenText(keyword).text, range };
}
