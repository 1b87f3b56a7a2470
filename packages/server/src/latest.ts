/** Maps that remember the latest few, so that strangers cannot fill the memory. */

/** Sets a key as the latest of a map, and forgets the oldest beyond `most`. */
export function setLatest<Value>(
  map: Map<string, Value>,
  key: string,
  value: Value,
  most: number,
): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}
