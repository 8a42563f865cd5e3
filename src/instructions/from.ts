import { type FromCstChildren, textOf } from '#grammar';
import { flagWord, readFlags } from './flags.ts';
import type { From } from './instruction.ts';
import { type Frame, given, type Reading, rangeOfText, reportError, wordOf } from './reading.ts';

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

export function readFrom(reading: Reading, node: FromCstChildren, frame: Frame): From {
  const { platform } = readFlags(reading, node.flags[0], { platform: 'text' });
  const image = wordOf(reading, textOf(node.image[0]!));
  return {
    kind: 'from',
    ...frame,
    image,
    ...given('platform', flagWord(reading, platform)),
    ...given('as', readStage(reading, node)),
  };
}

function readStage(reading: Reading, node: FromCstChildren): From['as'] {
  const [keyword, stage] = [node.As?.[0], node.stage?.[0]];
  if (keyword === undefined || stage === undefined) return undefined;
  const text = textOf(stage);
  const range = rangeOfText(reading, text);
  if (!STAGE_NAME.test(text.text.toLowerCase())) {
    const hint = 'it starts with a letter and has letters, digits, `-`, `_` and `.`';
    reportError(
      reading,
      { code: 'invalid-stage-name', message: `invalid name of a stage \`${text.text}\``, hint },
      range,
    );
  }
  return { name: text.text, keyword: textOf(keyword).text, range };
}
