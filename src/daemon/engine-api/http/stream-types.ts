/** Content types of streams of containers. */
const RAW = 'application/vnd.docker.raw-stream';
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream';
/** The first version that tells frames from raw bytes. */
const TELLS_FRAMES = 42;

/** The type for the output of a container: with frames, except from a terminal. Older clients know only one type for both. */
export function streamTypeOf(isTty: boolean, minor: number): string {
  return isTty || minor < TELLS_FRAMES ? RAW : MULTIPLEXED;
}
