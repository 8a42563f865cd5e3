/** What a process in an image is: its user, what it prints, and what must not be shown of that. */
export { follow, RunLog } from './run-log.ts';
export { lookupHome, lookupOwner, lookupUser, type OwnerIds, type UserIds } from './users.ts';
