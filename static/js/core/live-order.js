/**
 * The likeliest classes of a picture that moves. Sorted anew for every frame their names would dance: a class
 * that stays among them stays where it stands, and the length of its bar says the rest.
 */

/** A phone shows no more: the likeliest must be among them. */
const FIRST = 4;

/**
 * @template {{ index: number }} G
 * @param {readonly G[]} before as they stood
 * @param {readonly G[]} now sorted, the likeliest first
 * @returns {G[]} the first few and the others, each group in its places
 */
export function inPlaces(before, now) {
  const first = inPlace(before.slice(0, FIRST), now.slice(0, FIRST));
  return [...first, ...inPlace(before.slice(FIRST), now.slice(FIRST))];
}

/**
 * @template {{ index: number }} G
 * @param {readonly G[]} before
 * @param {readonly G[]} now
 * @returns {G[]}
 */
function inPlace(before, now) {
  const coming = new Map(now.map((guess) => [guess.index, guess]));
  const places = before.slice(0, now.length).map(({ index }) => {
    const stays = coming.get(index) ?? null;
    coming.delete(index);
    return stays;
  });
  const others = coming.values();
  return Array.from(now, (_, i) => places[i] ?? /** @type {G} */ (others.next().value));
}
