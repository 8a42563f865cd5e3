/** Completes operands: words of an instruction that are neither keyword nor flag. */
import { type Completion, type CompletionItem, createDescribedItems, createItems } from './completion-item.ts';
import { type EditorDocument, findStageAt } from './document.ts';
import { REFERENCE } from './reference.ts';
import { createStageItems } from './stage-items.ts';
import { findVariablesAt } from './variables.ts';

export interface OperandPlace {
  readonly document: EditorDocument;
  readonly offset: number;
  /** In upper case. */
  readonly keyword: string;
  /** All words before the current one, including flags. */
  readonly words: readonly string[];
  readonly operands: readonly string[];
  readonly typed: string;
}

type OperandCompletion = Omit<Completion, 'span'> & { readonly typed: string };

export function completeOperand(place: OperandPlace): OperandCompletion {
  const { keyword, words, operands, typed } = place;
  const isFirst = operands.length === 0;
  switch (keyword) {
    case 'FROM':
      return {
        items: isFirst ? createImageItems(place) : operands.length === 1 ? createItems('keyword', ['AS']) : [],
        typed,
      };
    case 'COPY':
    case 'ADD': {
      const isLocal = !words.some((word) => word.startsWith('--from=')) && !/^([[</"]|\w+:)/.test(typed);
      return { items: [], typed, ...(isLocal ? { path: typed } : {}) };
    }
    case 'ARG':
      return { items: typed.includes('=') ? [] : createArgumentItems(place), typed };
    case 'HEALTHCHECK':
      return { items: isFirst ? createItems('keyword', ['CMD', 'NONE']) : [], typed };
    case 'STOPSIGNAL':
      return { items: isFirst ? createItems('value', REFERENCE.signals) : [], typed };
    default:
      return { items: [], typed };
  }
}

function createImageItems({ document, offset }: OperandPlace): readonly CompletionItem[] {
  return [...createStageItems(document, offset), ...createItems('value', ['scratch'])];
}

/** In a stage: global ARGs and automatic ARGs. */
function createArgumentItems({ document, offset }: OperandPlace): readonly CompletionItem[] {
  if (findStageAt(document, offset) === undefined) return [];
  const globals = findVariablesAt(document, document.stages[0]!.start);
  return [...createItems('variable', globals.keys()), ...createDescribedItems('variable', REFERENCE.automaticArgs)];
}
