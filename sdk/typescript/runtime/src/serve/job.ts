import type { Answer } from "../rpc/fault.js";
import type { Context } from "./context.js";

/** A request that is queued or runs. */
export interface Job {
  /** The name of the operation. */
  readonly operation: string;
  readonly context: Context;
  /** The time of arrival. */
  readonly received: number;
  readonly reply: string;
  /** The ordering key. */
  readonly key: string | undefined;
  readonly isControl: boolean;
  /** The size of the message in bytes. */
  readonly size: number;
  /** The deduplication key, if the request is deduplicated. */
  readonly name: string | undefined;
  readonly work: () => Promise<Answer>;
  /** Whether the request has a reply, or needs none. */
  isAnswered: boolean;
}
