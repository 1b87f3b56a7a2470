// Builds the chat page into dist/, which the Worker serves as its assets.
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname + "/web",
  build: { outDir: "../dist", emptyOutDir: true },
});
