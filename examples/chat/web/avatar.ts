// A round picture of initials, in a colour of its own.

/** Gives an element the initials of a name and the colour of a key. */
export function dress(element: HTMLElement, key: string, name: string): void {
  const words = name.split(/\s+/).filter(Boolean).slice(0, 2);
  element.textContent = words.map(firstLetter).join("");
  element.style.setProperty("--hue", String(hueOf(key)));
}

/** The same hue for the same key, on every screen. */
export function hueOf(key: string): number {
  let hash = 0;
  for (const char of key) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 3600;
  return hash / 10;
}

/** The first letter as people see it, which may be several characters. */
function firstLetter(word: string): string {
  const [first] = new Intl.Segmenter().segment(word);
  return first?.segment.toUpperCase() ?? "";
}
