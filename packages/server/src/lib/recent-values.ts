/** Keeps the values of the last `capacity` keys that were asked for; a failure is not kept. */
export function createRecentValues<T>(capacity: number): (key: string, make: () => Promise<T>) => Promise<T> {
  const values = new Map<string, Promise<T>>();
  return (key, make) => {
    const value = values.get(key) ?? make();
    values.delete(key);
    values.set(key, value);
    value.catch(() => {
      if (values.get(key) === value) values.delete(key);
    });
    for (const oldest of values.keys()) if (values.size > capacity) values.delete(oldest);
    return value;
  };
}
