/** Answers requests of an editor about a build file. Pure. Offsets count UTF-16 units. */
export { complete } from './complete.ts';
export type { Completion, CompletionItem, CompletionKind } from './completion-item.ts';
export { type EditorDocument, openDocument } from './document.ts';
export { describeCheck, findHover, type Hover } from './hover.ts';
export { findDefinition, findReferences, findRenameable, renameStage } from './navigate.ts';
export { createDocumentOutline, type OutlineEntry } from './outline.ts';
export { findQuickFixes, type QuickFix } from './quick-fixes.ts';
