/** Whether to print in colours, and the few that are used. */

/** NO_COLOR and FORCE_COLOR decide where they are set, in that order; otherwise whether a terminal reads along. */
export function showsColours(
  environment: Readonly<Record<string, string | undefined>>,
  stream: { readonly isTTY?: boolean; hasColors?(): boolean },
): boolean {
  const { NO_COLOR, FORCE_COLOR } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0";
  return stream.isTTY === true && (stream.hasColors?.() ?? false);
}

/** Paints a text, or leaves it as it is. */
export interface Paint {
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
}

/** Colours for a terminal, or none. */
export function paintFor(coloured: boolean): Paint {
  const code =
    (on: number, off: number) =>
    (text: string): string =>
      coloured && text !== "" ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  return {
    red: code(31, 39),
    yellow: code(33, 39),
    green: code(32, 39),
    dim: code(2, 22),
    bold: code(1, 22),
  };
}
