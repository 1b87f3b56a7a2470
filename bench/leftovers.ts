/** What must be gone when a command ends, whichever way: by Ctrl-C and in the middle of anything, too. */
import { rmSync } from "node:fs";
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** The newest comes first: a process is ended before its folder is removed. */
const left: (() => void)[] = [];
let isListening = false;

/** Has something undone when this process ends, unless what it gives was called. */
export function atEnd(undo: () => void): () => void {
  listen();
  left.unshift(undo);
  return () => {
    const at = left.indexOf(undo);
    if (at !== -1) left.splice(at, 1);
  };
}

/** Has a folder removed when this process ends; calling what it gives removes it now. */
export function temporary(folder: string): () => void {
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  const forget = atEnd(remove);
  return () => {
    forget();
    remove();
  };
}

/** Has a process killed when this one ends, unless what it gives was called. */
export function killedAtEnd(pid: number | undefined): () => void {
  return atEnd(() => {
    try {
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    } catch {
      // it has ended already
    }
  });
}

function listen(): void {
  if (isListening) return;
  isListening = true;
  process.on("exit", () => {
    for (const undo of left.splice(0)) undo();
  });
  // As a shell tells of it: 128 and the number of the signal.
  for (const signal of SIGNALS)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
