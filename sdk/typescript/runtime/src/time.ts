/** The longest time of a timer: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The time of a clock that never goes back, in milliseconds. */
export function now(): number {
  return performance.now();
}

/** Calls `action` after `milliseconds`. The returned function cancels it. */
export function after(milliseconds: number, action: () => void): () => void {
  const timer = setTimeout(action, Math.min(Math.max(milliseconds, 0), LONGEST_TIMER));
  return () => {
    clearTimeout(timer);
  };
}

/** Resolves after `milliseconds`, or as soon as `signal` is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) {
    return;
  }
  await new Promise<void>((resolve) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = after(milliseconds, end);
    signal?.addEventListener("abort", end);
  });
}

/** Resolves with true if `promise` is settled within `milliseconds`. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  let cancel = (): void => undefined;
  const late = new Promise<false>((resolve) => {
    cancel = after(milliseconds, () => {
      resolve(false);
    });
  });
  const settled = promise.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, late]);
  cancel();
  return isSettled;
}

/** Pauses whose limit doubles. A pause is random between half of its limit and the limit. */
export class Backoff {
  private readonly first: number;
  private readonly longest: number;
  private next: number;

  constructor(first: number, longest: number) {
    this.first = first;
    this.longest = longest;
    this.next = first;
  }

  /** The next pause in milliseconds. */
  pause(): number {
    const limit = Math.min(this.next, this.longest);
    this.next = limit * 2;
    return (limit / 2) * (1 + Math.random());
  }

  /** Begins again with the first pause. */
  reset(): void {
    this.next = this.first;
  }
}
