/** Counting what is repeated in a frame, without reading it. */

/**
 * Counts the items that begin with `mark` and end where the frame does. They are of one length, so
 * that it takes one search a frame and none an item; the sample that is read properly checks it.
 */
export function counter(mark: string): (bytes: Buffer, from: number, to: number) => number {
  const start = Buffer.from(mark);
  /** The bytes of one item with its comma, once a frame with two has come. */
  let length = 0;
  return (bytes, from, to) => {
    const frame = bytes.subarray(from, to);
    const first = frame.indexOf(start);
    if (first === -1) return 0;
    if (length === 0) {
      const second = frame.indexOf(start, first + start.length);
      if (second === -1) return 1;
      length = second - first;
    }
    return Math.round((frame.length - first) / length);
  };
}
