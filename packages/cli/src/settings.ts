/**
 * The settings of one environment, with what it inherits: through the wrangler that the project itself
 * has installed, or, where there is none, by the same few rules applied to the file.
 */

import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";

import type { ConfigFile } from "./config.ts";
import type { Placed } from "./placed.ts";
import { placedAt } from "./placed.ts";

/** The part of wrangler's configuration that the doctor looks at. */
export interface Settings {
  readonly main?: string | undefined;
  readonly compatibility_date?: string | undefined;
  readonly compatibility_flags?: readonly string[] | undefined;
  readonly build?: { readonly command?: string | undefined } | undefined;
  readonly durable_objects?:
    | { readonly bindings?: readonly BindingSetting[] | undefined }
    | undefined;
  readonly migrations?: readonly MigrationSetting[] | undefined;
  readonly exports?: Readonly<Record<string, ExportSetting>> | undefined;
}

/** One Durable Object binding; one with `script_name` lives in another Worker. */
export interface BindingSetting {
  readonly name: string;
  readonly class_name: string;
  readonly script_name?: string | undefined;
}

/** One step in the history of a Worker's classes. */
export interface MigrationSetting {
  readonly tag: string;
  readonly new_classes?: readonly string[] | undefined;
  readonly new_sqlite_classes?: readonly string[] | undefined;
  readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[] | undefined;
  readonly transferred_classes?: readonly { readonly to: string }[] | undefined;
  readonly deleted_classes?: readonly string[] | undefined;
}

/** One entry of the newer form, which replaces migrations. */
export interface ExportSetting {
  readonly type?: string | undefined;
  readonly state?: string | undefined;
  readonly storage?: string | undefined;
}

/** Reads one environment's settings; `undefined` is the top level. A string is wrangler's complaint. */
export type SettingsReader = (environment: string | undefined) => Settings | string;

/** The reader of the wrangler that the project has installed, or undefined without one. */
export function wranglerReader(configPath: string): SettingsReader | undefined {
  const read = loadWrangler(configPath);
  if (!read) return undefined;
  return (environment) => {
    try {
      // An empty name is the top level; left out, CLOUDFLARE_ENV would choose.
      return read({ config: configPath, env: environment ?? "" }, { hideWarnings: true });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
}

/** Reads the settings from the file alone. */
export function plainReader(config: ConfigFile): SettingsReader {
  return (environment) => {
    const top = plain(config.root) as Settings;
    const main = (settings: Settings): Settings =>
      typeof settings.main === "string"
        ? { ...settings, main: resolve(dirname(config.file.path), settings.main) }
        : settings;
    if (environment === undefined) return main(top);
    const own = plain(placedAt(config.root, "env", environment)) as Settings;
    // Bindings are the one thing here that an environment does not inherit.
    return main({ ...top, durable_objects: undefined, ...own });
  };
}

type ReadConfig = (
  args: { config: string; env: string },
  options: { hideWarnings: boolean },
) => Settings;

function loadWrangler(configPath: string): ReadConfig | undefined {
  const require = createRequire(configPath);
  try {
    const wrangler = require("wrangler") as { unstable_readConfig?: ReadConfig };
    return wrangler.unstable_readConfig;
  } catch {
    // Not installed, or not for this version of Node: the file itself is read instead, and a note says so.
    return undefined;
  }
}

function plain(node: Placed | undefined): unknown {
  if (!node) return {};
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.items.map(plain);
  return Object.fromEntries([...node.members].map(([key, { value }]) => [key, plain(value)]));
}
