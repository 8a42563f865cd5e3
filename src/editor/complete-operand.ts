/** What may stand where an instruction has neither its keyword nor a flag. */
import { type Completion, type CompletionItem, describedItems, itemsOf } from './completion-item.ts';
import { type EditorDocument, stageAt } from './document.ts';
import { REFERENCE } from './reference.ts';
import { stageItems } from './stage-items.ts';
import { variablesAt } from './variables.ts';

export interface OperandPlace {
  readonly document: EditorDocument;
  readonly offset: number;
  /** In upper case. */
  readonly keyword: string;
  /** All before the one that is typed, flags too. */
  readonly words: readonly string[];
  readonly operands: readonly string[];
  readonly typed: string;
}

type Found = Omit<Completion, 'span'> & { readonly typed: string };

export function completeOperand(place: OperandPlace): Found {
  const { keyword, words, operands, typed } = place;
  const isFirst = operands.length === 0;
  switch (keyword) {
    case 'FROM':
      return { items: isFirst ? imageItems(place) : operands.length === 1 ? itemsOf('keyword', ['AS']) : [], typed };
    case 'COPY':
    case 'ADD': {
      const isLocal = !words.some((word) => word.startsWith('--from=')) && !/^([[</"]|\w+:)/.test(typed);
      return { items: [], typed, ...(isLocal ? { path: typed } : {}) };
    }
    case 'ARG':
      return { items: typed.includes('=') ? [] : argumentItems(place), typed };
    case 'HEALTHCHECK':
      return { items: isFirst ? itemsOf('keyword', ['CMD', 'NONE']) : [], typed };
    case 'STOPSIGNAL':
      return { items: isFirst ? itemsOf('value', REFERENCE.signals) : [], typed };
    default:
      return { items: [], typed };
  }
}

function imageItems({ document, offset }: OperandPlace): readonly CompletionItem[] {
  return [...stageItems(document, offset), ...itemsOf('value', ['scratch'])];
}

/** In a stage: what is declared before all stages, and what is there without being declared. */
function argumentItems({ document, offset }: OperandPlace): readonly CompletionItem[] {
  if (stageAt(document, offset) === undefined) return [];
  const globals = variablesAt(document, document.stages[0]!.start);
  return [...itemsOf('variable', globals.keys()), ...describedItems('variable', REFERENCE.automaticArgs)];
}
