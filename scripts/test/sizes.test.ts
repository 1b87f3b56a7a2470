// The packages stay small: each bundle within its limit.
import { expect, test } from "vitest";

import { BUNDLES, measure } from "../sizes.ts";

test.each(BUNDLES)("$name stays within its limit", async (bundle) => {
  const { gzip, limit } = await measure(bundle);
  expect(gzip).toBeLessThanOrEqual(limit);
});
