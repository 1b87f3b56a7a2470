/** The pictures of the committed results, by their file names. Pure. */
import type { Grown } from "../growth/grown.ts";
import type { Result } from "../results.ts";
import { bars } from "./bars.ts";
import { lines } from "./lines.ts";

/** What of a run of the bench is drawn: file, scenario, metric, title, and which end is better. */
const BARS: readonly (readonly [
  file: string,
  scenario: string,
  metric: string,
  title: string,
  better: "more" | "less",
])[] = [
  ["echo", "echo", "round trip, p50", "Round trip between two members", "less"],
  [
    "fanout-100",
    "fanout",
    "100 members, 32 in flight: deliveries",
    "Messages that reach 100 members",
    "more",
  ],
  [
    "fanout-1000",
    "fanout",
    "1000 members, 32 in flight: deliveries",
    "Messages that reach 1,000 members",
    "more",
  ],
  ["rooms", "rooms", "acknowledged messages", "Messages in 50 rooms of 4 members", "more"],
  ["wake", "wake", "first answer after sleep", "The first answer of a room that slept", "less"],
  [
    "resume",
    "resume",
    "until everyone has everything",
    "1,000 members come back, each to 100 messages",
    "less",
  ],
  [
    "presence",
    "presence",
    "server processor time a move",
    "50 members who move 20 times a second: the server's work",
    "less",
  ],
  ["connects", "connects", "connects", "Members who come", "more"],
  ["memory", "memory", "an idle connection", "Memory of an idle connection", "less"],
  ["size", "size", "a client: gzip", "A client in a page, gzipped", "less"],
];

/** The pictures of a run of the bench. */
export function benchPictures(results: readonly Result[]): Map<string, string> {
  const pictures = new Map<string, string>();
  for (const [file, scenario, metric, title, better] of BARS) {
    const found = results.filter((each) => each.scenario === scenario && each.metric === metric);
    if (found.length === 0) continue;
    const sorted = found.toSorted((a, b) =>
      better === "more" ? b.median - a.median : a.median - b.median,
    );
    const note = `${metric} (${found[0]!.unit}), medians with their spread; ${better} is better`;
    const rows = sorted.map(({ target, ...rest }) => ({ label: target, ...rest }));
    pictures.set(`bench-${file}.svg`, bars(title, note, found[0]!.baseline, rows));
  }
  return pictures;
}

/** The pictures of a run of growth: one a curve. */
export function growthPictures(results: readonly Grown[]): Map<string, string> {
  const curves = Map.groupBy(results, ({ curve }) => curve);
  return new Map(
    [...curves].map(([curve, measures]) => [
      `growth-${curve}.svg`,
      lines(
        `What grows with ${curve}`,
        measures[0]!.counts,
        measures.map(({ measure, unit, order, ok, points }) => ({
          title: measure,
          unit,
          note: order,
          isBad: !ok,
          points,
        })),
      ),
    ]),
  );
}
