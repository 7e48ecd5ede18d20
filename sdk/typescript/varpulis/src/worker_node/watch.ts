/** A value whose changes can be awaited. */
export class Watch<T> {
  private current: T;
  private listeners: (() => void)[] = [];

  constructor(value: T) {
    this.current = value;
  }

  get value(): T {
    return this.current;
  }

  set(value: T): void {
    this.current = value;
    const listeners = this.listeners;
    this.listeners = [];
    for (const listener of listeners) {
      listener();
    }
  }

  /** Resolves with the first value that satisfies the condition. */
  async until(isAwaited: (value: T) => boolean): Promise<T> {
    while (!isAwaited(this.current)) {
      await new Promise<void>((resolve) => {
        this.listeners.push(resolve);
      });
    }
    return this.current;
  }
}

/** A reason to register before the next renewal. */
export type Reason = "confirm" | "drain" | "stop" | "wake";

/** Collects reasons to wake up. */
export class Alarm {
  private readonly reasons = new Set<Reason>();
  private wake: (() => void) | undefined;

  ring(reason: Reason): void {
    this.reasons.add(reason);
    this.wake?.();
  }

  /** Waits for a reason. Returns `undefined` after `milliseconds`. */
  async wait(milliseconds: number): Promise<Reason | undefined> {
    if (this.reasons.size === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
    const order: readonly Reason[] = ["stop", "confirm", "drain", "wake"];
    const reason = order.find((candidate) => this.reasons.has(candidate));
    if (reason !== undefined) {
      this.reasons.delete(reason);
    }
    return reason;
  }
}
