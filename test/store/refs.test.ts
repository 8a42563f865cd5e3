import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Descriptor, digestOf, MEDIA_TYPE } from '../../src/oci/index.ts';
import { formatRefs, parseRefs, type Ref, withNames, withoutDangling, withoutName } from '../../src/store/refs.ts';

const test = suite('refs');
const NAMES = ['a', 'b', 'c'].map((name) => `docker.io/library/${name}:1`);
const IMAGES: readonly Descriptor[] = ['x', 'y', 'z'].map((text) => ({
  mediaType: MEDIA_TYPE.manifest,
  digest: digestOf(text),
  size: 1,
}));

type Deed =
  | { readonly kind: 'tag'; readonly names: readonly number[]; readonly image: number }
  | { readonly kind: 'untag'; readonly name: number; readonly keep: boolean }
  | { readonly kind: 'drop'; readonly image: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    kind: fc.constant('tag' as const),
    names: fc.uniqueArray(fc.nat(2), { maxLength: 3 }),
    image: fc.nat(2),
  }),
  fc.record({ kind: fc.constant('untag' as const), name: fc.nat(2), keep: fc.boolean() }),
  fc.record({ kind: fc.constant('drop' as const), image: fc.nat(2) }),
);

/** What the store should say, kept as plainly as can be: names → image, and the images without a name. */
class Model {
  readonly names = new Map<string, number>();
  readonly dangling = new Set<number>();

  /** False if the deed has to be refused. */
  do(deed: Deed): boolean {
    if (deed.kind === 'drop') return this.dangling.delete(deed.image);
    if (deed.kind === 'untag') return this.#untag(NAMES[deed.name]!, deed.keep);
    const lost = deed.names.map((name) => this.names.get(NAMES[name]!));
    for (const name of deed.names) this.names.set(NAMES[name]!, deed.image);
    for (const image of [...lost, deed.image]) if (image !== undefined) this.#settle(image);
    return true;
  }

  #untag(name: string, keep: boolean): boolean {
    const image = this.names.get(name);
    if (image === undefined) return false;
    this.names.delete(name);
    if (keep) this.#settle(image);
    return true;
  }

  /** An image is dangling or has names, not both. */
  #settle(image: number): void {
    if ([...this.names.values()].includes(image)) this.dangling.delete(image);
    else this.dangling.add(image);
  }
}

function perform(refs: readonly Ref[], deed: Deed): readonly Ref[] {
  switch (deed.kind) {
    case 'tag':
      return withNames(
        refs,
        deed.names.map((name) => NAMES[name]!),
        IMAGES[deed.image]!,
      );
    case 'untag':
      return withoutName(refs, NAMES[deed.name]!, deed.keep);
    case 'drop':
      return withoutDangling(refs, IMAGES[deed.image]!.digest);
  }
}

test('after any tagging, untagging and dropping, every name and every dangling image is listed once', () => {
  fc.assert(
    fc.property(fc.array(deed, { maxLength: 25 }), (deeds) => {
      const model = new Model();
      let refs: readonly Ref[] = [];
      for (const one of deeds) {
        if (!model.do(one)) assert.throws(() => perform(refs, one), /there is no|not a dangling/);
        else refs = parseRefs(formatRefs(perform(refs, one)));
        const named = refs.filter(({ name }) => name !== undefined);
        assert.equal(
          new Map(named.map(({ name, target }) => [name, target])),
          new Map([...model.names].map(([name, image]) => [name, IMAGES[image]])),
        );
        assert.is(named.length, model.names.size);
        const dangling = refs.filter(({ name }) => name === undefined).map(({ target }) => target!.digest);
        assert.equal(dangling.sort(), [...model.dangling].map((image) => IMAGES[image]!.digest).sort());
      }
    }),
    { numRuns: 150 },
  );
});

test('annotations that are no names stay with their image', () => {
  const target = { ...IMAGES[0]!, annotations: { other: 'kept' } };
  const refs = parseRefs(formatRefs(withNames([], [NAMES[0]!], target)));
  assert.equal(refs[0]?.target, target);
  assert.equal(withoutName(refs, NAMES[0]!, true)[0]?.raw, target);
});

test.run();
