/** Lehmer's generator: the same choices on every machine. */
export interface Seeded {
  next(): number;
  below(limit: number): number;
  pick<Item>(list: readonly Item[]): Item;
  shuffled<Item>(list: readonly Item[]): Item[];
}

export function seeded(seed: number): Seeded {
  let state = seed;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: (list) => list[below(list.length)]!,
    shuffled(list) {
      const items = [...list];
      for (let place = items.length - 1; place > 0; place -= 1) {
        const other = below(place + 1);
        [items[place], items[other]] = [items[other]!, items[place]!];
      }
      return items;
    },
  };
}
