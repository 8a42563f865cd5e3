/**
 * GROUND. The HTTP client of all rooms. It follows redirects, retries, protects credentials and limits what servers may do. The
 * rooms above decide what to request and what an answer means.
 *
 * - Credentials are sent only to their own scheme, host and port. No redirect, token realm or proxy gets them. After a redirect
 *   to another origin they are not sent again, even if a later redirect returns.
 * - `HttpRules` and the address guard decide where a server may redirect to. A host that the user names may be anywhere.
 * - Every stream has an owner: the client closes the bodies that it opened for sending; the receiver of an answer reads its body
 *   or discards it. A failure is reported to the reader and never becomes an uncaught error.
 * - Errors are `MkimageError`s with the evidence of their code: `network` has `systemCode` and `temporary`; `evidenceOf` returns
 *   the evidence of an answer, with `status`, `temporary` and `retryAfter`.
 */
export { isLoopbackHost, scopeOfHost } from './address.ts';
export { type Answer, type AnswerHead, readBeginning, type WholeAnswer } from './answer.ts';
export { createBody } from './body.ts';
export { HttpClient, type HttpClientOptions } from './client.ts';
export { evidenceOf, isUnreachable } from './evidence.ts';
export { AddressGuard } from './guard.ts';
export { findProxy, type ProxySettings } from './proxies.ts';
export type { Headers, HttpRequest, HttpRules, Method, RequestBody, RetryPolicy } from './request.ts';
export { NO_RETRIES, waitAfter } from './retry.ts';
export { cleanText } from './safe-text.ts';
export type { HostTls } from './tls.ts';
