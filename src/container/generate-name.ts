import { randomInt } from 'node:crypto';

const ADJECTIVES =
  'able agile amber bold brave bright brisk calm clear clever cosmic crisp eager early fair fancy fast fine firm fresh gentle glad golden ' +
  'grand happy hardy humble jolly keen kind light lively lucid lucky mellow merry mild modest neat nimble noble patient polite proud quick ' +
  'quiet rapid ready sharp silent simple sincere smart smooth solid stable steady sunny swift tidy upbeat vivid warm wise witty';
const SURNAMES =
  'abel agnesi babbage banach bell bernoulli bohr boole born bose cantor cauchy chandra church curie darwin dijkstra dirac einstein erdos ' +
  'euclid euler fermat fermi feynman fourier franklin galileo galois gauss germain goedel hamilton hawking heisenberg herschel hilbert ' +
  'hopper hubble huygens johnson joule kelvin kepler kovalevskaya lamarr leibniz lovelace maxwell meitner mendel newton noether ohm pascal ' +
  'pauli perlman planck ramanujan ritchie sagan shannon tesla thompson turing volta wiles wright wu yalow';

/** Generates a name for a container, as Docker does: an adjective and the surname of a scientist. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt++) {
    const name = `${pick(ADJECTIVES)}_${pick(SURNAMES)}${attempt < 20 ? '' : randomInt(1_000_000)}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: string): string {
  const all = words.split(' ');
  return all[randomInt(all.length)]!;
}
