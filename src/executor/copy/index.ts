/**
 * COPY, ADD and WORKDIR: files of sources become edits on a tree, and the edits become a layer. Nothing is unpacked.
 */
export { contextChain, copiedLayers, type LayerCopying } from './copied-layers.ts';
export { copySourceFault } from './copy-source-fault.ts';
export { type CopyRun, copyWork } from './copy-work.ts';
export { EMPTY_TREE } from './empty-tree.ts';
export { workdirWork } from './workdir-work.ts';
