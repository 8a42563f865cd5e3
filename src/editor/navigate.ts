/** From a name to where it comes from, and to all places where it is written. */
import type { Span } from '#grammar';
import { MkimageError } from '../errors.ts';
import { type EditorDocument, isAt } from './document.ts';
import { type StageOccurrence, stageOccurrences } from './stage-names.ts';
import { declarationOf, sameVariable, type VariableOccurrence, variableOccurrences } from './variables.ts';

export function definitionAt(document: EditorDocument, offset: number): Span | undefined {
  const stage = stageNameAt(document, offset);
  if (stage !== undefined) return stagePlaces(document, stage).find(({ role }) => role === 'definition');
  const variable = variableAt(document, offset);
  if (variable === undefined) return undefined;
  return declarationOf(document, variable) ?? (variable.role === 'definition' ? variable : undefined);
}

export function referencesAt(document: EditorDocument, offset: number, withDefinitions: boolean): readonly Span[] {
  const stage = stageNameAt(document, offset);
  const variable = variableAt(document, offset);
  const places = stage ? stagePlaces(document, stage) : variable ? sameVariable(document, variable) : [];
  return places.filter(({ role }) => withDefinitions || role === 'use');
}

/** The name of a stage that can be given another one; undefined if there is none at the offset. */
export function renameableAt(document: EditorDocument, offset: number): Span | undefined {
  return stageNameAt(document, offset);
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/i;

/** All places where the stage is named. Throws `usage` for a name that a stage cannot have. */
export function renameStage(document: EditorDocument, offset: number, name: string): readonly Span[] {
  if (!STAGE_NAME.test(name)) {
    throw new MkimageError('usage', `rename stage: \`${name}\` is no name of a stage`, {
      hint: 'it starts with a letter and has letters, digits, `-`, `_` and `.`',
    });
  }
  const stage = stageNameAt(document, offset);
  if (stage === undefined) throw new MkimageError('usage', 'rename stage: there is no name of a stage here');
  const isTaken = document.stages.some((other) => other.index !== stage.stage && other.name === name.toLowerCase());
  if (isTaken) throw new MkimageError('usage', `rename stage: there is a stage \`${name}\` already`);
  return stagePlaces(document, stage);
}

export function stageNameAt(document: EditorDocument, offset: number): StageOccurrence | undefined {
  return stageOccurrences(document).find((found) => isAt(found, offset));
}

export function variableAt(document: EditorDocument, offset: number): VariableOccurrence | undefined {
  return variableOccurrences(document).find((found) => isAt(found, offset));
}

function stagePlaces(document: EditorDocument, { stage }: StageOccurrence): readonly StageOccurrence[] {
  return stageOccurrences(document).filter((other) => other.stage === stage);
}
