// Builds the page into dist/, which the Worker serves as its assets. Its own addresses are relative,
// so that it works in any folder.
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname + "/web",
  base: "./",
  build: { outDir: "../dist", emptyOutDir: true },
});
