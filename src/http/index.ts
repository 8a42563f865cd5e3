/**
 * GROUND. HTTP for everybody who speaks it: one client that follows redirects, tries again, keeps credentials where they belong
 * and bounds what servers may do. What is asked, and what an answer means, is for the rooms above.
 *
 * - Credentials go to the scheme, host and port that they are for: no redirect, token realm or proxy gets them, and once a chain
 *   of redirects has left, they stay behind for good.
 * - Where a server may send us is for `HttpRules` and the address guard; whom the user names may lie anywhere.
 * - Every stream has an owner: the client closes the bodies it opened for sending; who gets an answer reads its body or discards
 *   it. A failure is told to who reads, and is nobody's uncaught error.
 * - Errors are `MkimageError`s with the evidence of their code: `network` has `systemCode` and `temporary`; `evidenceOf` makes that
 *   of an answer, with `status`, `temporary` and `retryAfter`.
 */
export { isLoopbackHost, scopeOfHost } from './address.ts';
export { type Answer, type AnswerHead, beginningOf, type WholeAnswer } from './answer.ts';
export { bodyOfBytes } from './body.ts';
export { HttpClient, type HttpClientOptions } from './client.ts';
export { evidenceOf } from './evidence.ts';
export { AddressGuard } from './guard.ts';
export { type ProxySettings, proxyFor } from './proxies.ts';
export type { Headers, HttpRequest, HttpRules, Method, RequestBody, RetryPolicy } from './request.ts';
export { NO_RETRIES, waitAfter } from './retry.ts';
export { cleanText } from './safe-text.ts';
export type { HostTls } from './tls.ts';
