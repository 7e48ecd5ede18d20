import type { DedupOptions, ServeOptions } from "natsgen-runtime";

import type { ApiKey, Heartbeat, WorkerAddress, WorkerId, WorkerService } from "../protocol/index.js";

/** The options of a worker. Times are in milliseconds. */
export interface WorkerNodeOptions {
  readonly id: WorkerId;
  readonly apiKey: ApiKey;
  readonly service: WorkerService;
  /** The address of the worker; default: none, the worker is reached over NATS only. */
  readonly address?: WorkerAddress;
  /** The capacity that the registration reports; default 100. */
  readonly maxPipelines?: number;
  /** The number of cores that the registration reports; default: the cores of the machine. */
  readonly cpuCores?: number;
  /** The pause after the first failed registration; it doubles up to `longestPause`. Default 1,000. */
  readonly firstPause?: number;
  /** The longest pause between two failed registrations; default 30,000. */
  readonly longestPause?: number;
  /** The time between two registrations; default: three heartbeat intervals. `Infinity` turns renewal off. */
  readonly renewal?: number;
  /** How often in succession coordinators may refuse the API key; 0 is no limit. Default 5. */
  readonly apiKeyAttempts?: number;
  /** The time for which drain and shutdown together wait for running commands; default 20,000. */
  readonly drainLimit?: number;
  /** Supplies the payload of heartbeats; default: the counts of the node. */
  readonly heartbeat?: () => Heartbeat | Promise<Heartbeat>;
  /** The limits of the server. */
  readonly serve?: Omit<ServeOptions, "deduplicate" | "drain">;
  /** The limits of deduplication, which is always on. */
  readonly deduplicate?: DedupOptions;
}
