/** Finds the definition of a name, and all its occurrences. */
import type { Span } from '#grammar';
import { MkimageError } from '../errors.ts';
import { type EditorDocument, isAt } from './document.ts';
import { findStageOccurrences, type StageOccurrence } from './stage-names.ts';
import { findDeclaration, findSameVariable, findVariableOccurrences, type VariableOccurrence } from './variables.ts';

export function findDefinition(document: EditorDocument, offset: number): Span | undefined {
  const stage = findStageName(document, offset);
  if (stage !== undefined) return findStagePlaces(document, stage).find(({ role }) => role === 'definition');
  const variable = findVariable(document, offset);
  if (variable === undefined) return undefined;
  return findDeclaration(document, variable) ?? (variable.role === 'definition' ? variable : undefined);
}

export function findReferences(document: EditorDocument, offset: number, withDefinitions: boolean): readonly Span[] {
  const stage = findStageName(document, offset);
  const variable = findVariable(document, offset);
  const places = stage ? findStagePlaces(document, stage) : variable ? findSameVariable(document, variable) : [];
  return places.filter(({ role }) => withDefinitions || role === 'use');
}

/** The stage name at the offset, which can be renamed; undefined if there is none. */
export function findRenameable(document: EditorDocument, offset: number): Span | undefined {
  return findStageName(document, offset);
}

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/i;

/** Returns all occurrences of the stage name. Throws `usage` for an invalid name. */
export function renameStage(document: EditorDocument, offset: number, name: string): readonly Span[] {
  if (!STAGE_NAME.test(name)) {
    throw new MkimageError('usage', `rename stage: invalid stage name \`${name}\``, {
      hint: 'start with a letter; use letters, digits, `-`, `_` and `.`',
    });
  }
  const stage = findStageName(document, offset);
  if (stage === undefined) throw new MkimageError('usage', 'rename stage: no stage name at this position');
  const isTaken = document.stages.some((other) => other.index !== stage.stage && other.name === name.toLowerCase());
  if (isTaken) throw new MkimageError('usage', `rename stage: a stage \`${name}\` already exists`);
  return findStagePlaces(document, stage);
}

export function findStageName(document: EditorDocument, offset: number): StageOccurrence | undefined {
  return findStageOccurrences(document).find((found) => isAt(found, offset));
}

export function findVariable(document: EditorDocument, offset: number): VariableOccurrence | undefined {
  return findVariableOccurrences(document).find((found) => isAt(found, offset));
}

function findStagePlaces(document: EditorDocument, { stage }: StageOccurrence): readonly StageOccurrence[] {
  return findStageOccurrences(document).filter((other) => other.stage === stage);
}
