/** What an editor asks of a build file while somebody types it. Pure: a document to answers; offsets count UTF-16 units. */
export { complete } from './complete.ts';
export type { Completion, CompletionItem, CompletionKind } from './completion-item.ts';
export { type EditorDocument, openDocument } from './document.ts';
export { checkText, type Hover, hoverAt } from './hover.ts';
export { definitionAt, referencesAt, renameableAt, renameStage } from './navigate.ts';
export { type OutlineEntry, outlineOf } from './outline.ts';
export { type QuickFix, quickFixes } from './quick-fixes.ts';
