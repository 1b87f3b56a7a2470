// What the site's menus list; `scripts/test/site.test.ts` holds them to the pages that there are.

export type MenuLink = { text: string; link: string };
export type MenuGroup = { text: string; collapsed?: boolean; items: MenuLink[] };

export const NAVIGATION: MenuLink[] = [
  { text: "Tutorial", link: "/docs/tutorial" },
  { text: "Guide", link: "/docs/guide/rooms" },
  { text: "Examples", link: "/examples/chat/README" },
  { text: "Protocol", link: "/packages/protocol/SPEC" },
];

const guide = (text: string, name: string): MenuLink => ({
  text,
  link: `/docs/guide/${name}`,
});

export const SIDEBAR: MenuGroup[] = [
  {
    text: "Begin",
    items: [
      { text: "What it is", link: "/README" },
      { text: "Tutorial: a chat", link: "/docs/tutorial" },
      guide("Coming from partyserver", "coming-from-partyserver"),
    ],
  },
  {
    text: "Rooms",
    items: [
      guide("Rooms", "rooms"),
      guide("Delivery", "delivery"),
      guide("Who comes in", "authentication"),
      guide("Limits", "limits"),
      guide("Presence", "presence"),
      guide("Timers", "timers"),
      guide("The lifecycle", "lifecycle"),
      guide("From the Worker", "from-worker"),
    ],
  },
  {
    text: "Clients",
    items: [
      guide("The client", "client"),
      guide("React", "react"),
      guide("Vue, Svelte and Solid", "frameworks"),
    ],
  },
  {
    text: "Running it",
    items: [
      guide("What a room says", "observability"),
      guide("What a room costs", "cost"),
      guide("Prices", "prices"),
      guide("Measured", "benchmarks"),
      guide("Testing", "testing"),
      guide("The doctor", "doctor"),
      guide("Chaos", "chaos"),
      guide("Soak", "soak"),
      guide("The nine pitfalls", "pitfalls"),
      { text: "Errors and close codes", link: "/docs/errors" },
    ],
  },
  {
    text: "Examples",
    items: ["Chat", "Cursors", "Auction", "Notify"].map((text) => ({
      text,
      link: `/examples/${text.toLowerCase()}/README`,
    })),
  },
  {
    text: "How it is built",
    collapsed: true,
    items: [
      { text: "Architecture", link: "/docs/design/architecture" },
      { text: "The protocol", link: "/packages/protocol/SPEC" },
      { text: "Weaknesses, one by one", link: "/docs/partykit" },
      { text: "Contributing", link: "/CONTRIBUTING" },
    ],
  },
];
