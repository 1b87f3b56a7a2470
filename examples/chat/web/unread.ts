// How many messages came while nobody looked, in the title of the page.
let unread = 0;
let title = "";

/** Counts a message, where the page is hidden. */
export function countUnread(): void {
  if (!document.hidden) return;
  if (unread === 0) ({ title } = document);
  unread += 1;
  document.title = `(${unread}) ${title}`;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden || unread === 0) return;
  unread = 0;
  document.title = title;
});
