/** Work on many things, so many at a time as one API server likes. */
const AT_ONCE = 16;

export async function inTurns<In>(
  items: readonly In[],
  work: (item: In, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index] as In, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
