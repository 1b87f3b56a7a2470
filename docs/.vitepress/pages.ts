// What a link of the pages leads to on the site: they are written for the repository, where every
// path can be a link.
import { existsSync } from "node:fs";
import { join, posix } from "node:path";

/** The Markdown files that the site has, by their paths from the top of the repository. */
const PAGE =
  /^(docs\/.+|README|CONTRIBUTING|bench\/README|packages\/protocol\/SPEC|examples\/[^/]+\/README)\.md$/;

/**
 * Where a link of a page leads: to a page, or for a folder to its README. `undefined` is a file that
 * only the repository has; a path that is nowhere stays as it is, for the site's build to find it.
 */
export function targetOf(root: string, page: string, href: string): string | undefined {
  if (/^([a-z]+:|#|\/)/.test(href)) return href;
  const [path = "", hash] = href.split("#", 2);
  const file = posix.join(posix.dirname(page), path).replace(/\/$/, "");
  if (!existsSync(join(root, file))) return href;
  const found = [file, `${file}/README.md`].find(
    (each) => PAGE.test(each) && existsSync(join(root, each)),
  );
  return found && `/${found}${hash === undefined ? "" : `#${hash}`}`;
}
