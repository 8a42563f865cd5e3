/** BuildKit's protocol: what `docker buildx`, compose and buildctl speak. */
export { BuildkitServer } from './server.ts';
