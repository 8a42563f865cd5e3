import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createGrowingList, createGrowingMap } from '../../src/plan/words/growing-collections.ts';

const test = suite('lists and maps that grow');

/** Each step adds to one of those that are there already. */
const steps = fc.array(fc.tuple(fc.nat(), fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(99)), { maxLength: 30 });

test('a list stays what it was when others grow out of it', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const lists = [createGrowingList<number>()];
      const models: number[][] = [[]];
      for (const [pick, , value] of all) {
        const at = pick % lists.length;
        lists.push(lists[at]!.with(value));
        models.push([...models[at]!, value]);
      }
      assert.equal(
        lists.map((list) => [[...list], list.length, list.at(0), list.at(list.length - 1)]),
        models.map((model) => [model, model.length, model.at(0), model.at(-1)]),
      );
    }),
  );
});

test('so does a map, in both orders', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const maps = [createGrowingMap<number>()];
      const models: (readonly (readonly [string, number])[])[] = [[]];
      for (const [pick, key, value] of all) {
        const at = pick % maps.length;
        maps.push(maps[at]!.with(key, value));
        models.push([...models[at]!, [key, value]]);
      }
      for (const [index, model] of models.entries()) {
        const map = maps[index]!;
        const last = new Map(model);
        const order = [...new Set(model.map(([key]) => key).reverse())].reverse();
        assert.equal(
          [...map],
          order.map((key) => [key, last.get(key)]),
        );
        assert.equal([...map.keys()], order);
        assert.equal([...map.listInFirstOrder()], [...last]);
        for (const key of ['a', 'b', 'c', 'd']) assert.is(map.get(key), last.get(key));
        for (const key of ['a', 'b', 'c', 'd']) assert.is(map.has(key), last.has(key));
      }
    }),
  );
});

test.run();
