/** The options of deduplication. */
export interface DedupOptions {
  /** The maximum number of requests that are kept; default 65,536. */
  readonly requests?: number;
  /** The maximum size of the replies that are kept in bytes; default 16 MiB. */
  readonly bytes?: number;
  /** The time for which a request is kept in milliseconds; default 10 minutes. */
  readonly age?: number;
}

/** The options of a server. */
export interface ServeOptions {
  /** The maximum number of concurrent requests; default 1,024. */
  readonly concurrency?: number;
  /** The maximum number of queued requests; further requests are refused as `overloaded`. Default 16,384. */
  readonly queue?: number;
  /**
   * The maximum number of requests that wait for an ordering key; further requests are refused as `key_overloaded`.
   * Default: an eighth of the queue.
   */
  readonly perKey?: number;
  /** The number of further places for control requests, in the concurrency and in the queue; default 16. */
  readonly reserve?: number;
  /** The maximum size of all queued and running requests in bytes; default 64 MiB. */
  readonly bytes?: number;
  /**
   * The time in milliseconds for which a control request waits for the running request with its ordering key. After
   * that, the running request is answered as `aborted`. Default 1,000.
   */
  readonly grace?: number;
  /** The time in milliseconds for which a shutdown waits for running and queued requests; default 20,000. */
  readonly drain?: number;
  /**
   * Executes a repeated request of an operation that is not idempotent only once; default: off. A request without an
   * id is always executed.
   */
  readonly deduplicate?: boolean | DedupOptions;
  /** Called with an error that a handler threw and its operation did not declare; default: `console.error`. */
  readonly onError?: (error: unknown, operation: string) => void;
}

/** The options with their defaults. */
export type Limits = Required<Omit<ServeOptions, "deduplicate" | "onError">>;

/** Fills in the defaults. */
export function limitsOf(options: ServeOptions): Limits {
  const {
    concurrency = 1_024,
    queue = 16_384,
    reserve = 16,
    bytes = 64 << 20,
    grace = 1_000,
    drain = 20_000,
  } = options;
  const perKey = options.perKey ?? Math.max(1, Math.floor(queue / 8));
  return { concurrency: Math.max(1, concurrency), queue: Math.max(1, queue), perKey, reserve, bytes, grace, drain };
}
