/** What every picture here has in common: its colours, in light and dark, and its numbers. */

/** A picture. */
export function picture(width: number, height: number, title: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" font-family="system-ui, sans-serif" font-size="12" role="img">
<title>${escaped(title)}</title>
<style>
  svg { --ink: #1f2933; --soft: #5b6b7b; --ours: #0f766e; --other: #9aa7b4; --grid: #d5dbe1; --bad: #b4532a; background: #fff }
  @media (prefers-color-scheme: dark) { svg { --ink: #e6e9ec; --soft: #9fb0c0; --ours: #5eead4; --other: #5d6b79; --grid: #3a444e; --bad: #f0a479; background: #14191e } }
  text { fill: var(--ink) } .title { font-size: 15px; font-weight: 600 } .soft { fill: var(--soft) } .end { text-anchor: end } .middle { text-anchor: middle }
  .ours { fill: var(--ours) } .other { fill: var(--other) } .spread { stroke: var(--ink); stroke-width: 1 } .grid { stroke: var(--grid) }
  path { fill: none; stroke: var(--ours); stroke-width: 1.5 } path.bad { stroke: var(--bad) } .dot { fill: var(--ours) } .dot.bad { fill: var(--bad) }
</style>
${body}
</svg>
`;
}

/** A number as people read it: three digits that count. */
export function shown(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000_000) return `${digits(value / 1_000_000)} M`;
  if (size >= 10_000) return `${digits(value / 1_000)} k`;
  if (size >= 1_000) return Math.round(value).toLocaleString("en-US");
  return digits(value);
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

export function fixed(value: number): string {
  return value.toFixed(1);
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
