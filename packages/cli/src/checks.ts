/** Every check, by what it looks at. */

import { checkAlarms } from "./check-alarms.ts";
import { checkBackend } from "./check-backend.ts";
import { checkClassNames } from "./check-class-names.ts";
import { checkCompatibility } from "./check-compatibility.ts";
import { checkDeleteAll } from "./check-delete-all.ts";
import { checkEntryPoints } from "./check-entry-points.ts";
import { checkEnvironments } from "./check-environments.ts";
import { checkFields } from "./check-fields.ts";
import { checkMigrations } from "./check-migrations.ts";
import { checkOptions } from "./check-options.ts";
import { checkRoutes } from "./check-routes.ts";
import { checkSockets } from "./check-sockets.ts";
import { checkTimers } from "./check-timers.ts";
import type { ClassInfo } from "./classes.ts";
import type { Problem } from "./finding.ts";
import type { Worker } from "./worker.ts";

/** Run once for each environment. */
export const WORKER_CHECKS: readonly ((worker: Worker) => Problem[])[] = [
  checkCompatibility,
  checkBackend,
  checkClassNames,
  checkMigrations,
  checkEnvironments,
  checkRoutes,
];

/** Run once for each class. */
export const CLASS_CHECKS: readonly ((cls: ClassInfo) => Problem[])[] = [
  checkOptions,
  checkTimers,
  checkFields,
  checkSockets,
  checkAlarms,
  checkDeleteAll,
  checkEntryPoints,
];
