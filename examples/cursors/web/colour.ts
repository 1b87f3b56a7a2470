// A colour per person: the same for the same key, on every screen, light or dark.

/** The hue of a key, in degrees. */
export function hueOf(key: string): number {
  let hash = 0;
  for (const char of key) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 3600;
  return hash / 10;
}

export const night: MediaQueryList = matchMedia("(prefers-color-scheme: dark)");

/** The ink of a key. */
export function inkOf(key: string): string {
  return night.matches ? `oklch(80% 0.12 ${hueOf(key)})` : `oklch(52% 0.14 ${hueOf(key)})`;
}
