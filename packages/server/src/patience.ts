/** Waits for something, and no longer than so many ms; gives `undefined` where that is over. */
export async function waitAtMost<T>(ms: number, result: T): Promise<Awaited<T> | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer ?? null);
  }
}
