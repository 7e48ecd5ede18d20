import { now } from "../time.js";
import type { Job } from "./job.js";
import type { Limits } from "./options.js";

/** The size in bytes that a reserved place adds to the limit of bytes. */
const RESERVED_BYTES = 65_536;

/** The time in milliseconds after which a server counts as saturated if requests are ready and none was started. */
const STALL = 1_000;

/**
 * The reason why a server is saturated: it refuses requests, or soon will.
 *
 * - `queue`: at least 7/8 of the queue is taken.
 * - `bytes`: the queued and running requests take at least 7/8 of the limit of bytes.
 * - `handlers`: requests are ready to run, and none has started for more than 1 s.
 */
export type Saturation = "bytes" | "handlers" | "queue";

/** The requests with the same ordering key. */
interface Lane {
  running: Job | undefined;
  behind: Job[];
}

/** The result of an admission. */
export interface Admission {
  /** The reason why the request was refused. */
  readonly refused?: "key_overloaded" | "overloaded";
  /** The queued requests that a control request has overtaken. */
  readonly cancelled: readonly Job[];
  /** The running request that a control request has overtaken. */
  readonly overtaken?: Job;
}

/** Decides which request runs next, within the limits. */
export class Schedule {
  running = 0;
  waiting = 0;
  private readonly limits: Limits;
  private readonly lanes = new Map<string, Lane>();
  private control: Job[] = [];
  private ready: Job[] = [];
  private bytes = 0;
  /** When a request was started last, or became ready while no other request was ready. */
  private progress = 0;

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** Queues a request, unless a limit is reached. */
  admit(job: Job): Admission {
    const refused = this.check(job);
    if (refused !== undefined) {
      return { refused, cancelled: [] };
    }
    const cancelled = job.isControl && job.key !== undefined ? this.remove((other) => isOvertaken(other, job)) : [];
    const lane = job.key === undefined ? undefined : this.lanes.get(job.key);
    const current = job.isControl ? lane?.running : undefined;
    this.waiting += 1;
    this.bytes += job.size;
    if (lane !== undefined) {
      lane.behind.push(job);
    } else {
      if (job.key !== undefined) {
        this.lanes.set(job.key, { running: undefined, behind: [] });
      }
      this.makeReady(job);
    }
    return current === undefined || current.isControl ? { cancelled } : { cancelled, overtaken: current };
  }

  /** Takes the next request that may run. */
  next(): Job | undefined {
    const { concurrency, reserve } = this.limits;
    const control = this.running < concurrency + reserve ? this.control.shift() : undefined;
    const job = control ?? (this.running < concurrency ? this.ready.shift() : undefined);
    if (job === undefined) {
      return undefined;
    }
    this.running += 1;
    this.waiting -= 1;
    this.progress = now();
    const lane = this.laneOf(job);
    if (lane !== undefined) {
      lane.running = job;
    }
    return job;
  }

  /** Ends a running request. */
  finish(job: Job): void {
    this.running -= 1;
    this.bytes -= job.size;
    this.leaveLane(job);
  }

  /** Lets the next request of the lane run. Returns false if another request has taken the place of `job`. */
  leaveLane(job: Job): boolean {
    const lane = this.laneOf(job);
    if (lane?.running !== job) {
      return false;
    }
    this.advance(job.key ?? "", lane);
    return true;
  }

  /** The reason why the server is saturated, if it is. */
  get saturation(): Saturation | undefined {
    const isAlmost = (part: number, whole: number): boolean => part > 0 && part >= whole - Math.floor(whole / 8);
    if (this.hasReady && now() - this.progress > STALL) {
      return "handlers";
    }
    if (isAlmost(this.waiting, this.limits.queue)) {
      return "queue";
    }
    return isAlmost(this.bytes, this.limits.bytes) && this.running + this.waiting > 1 ? "bytes" : undefined;
  }

  /** Removes the queued requests whose deadline has passed. */
  expire(): readonly Job[] {
    const time = now();
    return this.remove((job) => job.context.end <= time);
  }

  /** Removes all queued requests. */
  clear(): readonly Job[] {
    return this.remove(() => true);
  }

  private check(job: Job): Admission["refused"] {
    const { concurrency, queue, bytes, perKey } = this.limits;
    const reserve = job.isControl ? this.limits.reserve : 0;
    const present = this.running + this.waiting;
    const hasBytes = this.bytes + job.size <= bytes + reserve * RESERVED_BYTES;
    if (present >= concurrency + queue + reserve || (present > 0 && !hasBytes)) {
      return "overloaded";
    }
    const behind = (this.laneOf(job)?.behind ?? []).filter((other) => other.isControl || !job.isControl);
    const size = behind.reduce((sum, other) => sum + other.size, job.size);
    // The requests of a key may take the same fraction of the bytes as of the places.
    const places = Math.max(1, Math.floor(queue / perKey));
    const hasRoom = behind.length === 0 || (behind.length < perKey && size <= bytes / places);
    return hasRoom ? undefined : "key_overloaded";
  }

  private laneOf(job: Job): Lane | undefined {
    return job.key === undefined ? undefined : this.lanes.get(job.key);
  }

  private get hasReady(): boolean {
    return this.ready.length + this.control.length > 0;
  }

  private makeReady(job: Job): void {
    if (!this.hasReady) {
      this.progress = now();
    }
    (job.isControl ? this.control : this.ready).push(job);
  }

  private advance(key: string, lane: Lane): void {
    lane.running = undefined;
    const next = lane.behind.shift();
    if (next === undefined) {
      this.lanes.delete(key);
    } else {
      this.makeReady(next);
    }
  }

  private remove(isRemoved: (job: Job) => boolean): Job[] {
    const removed: Job[] = [];
    const extract = (jobs: Job[]): Job[] => {
      const found = jobs.filter(isRemoved);
      removed.push(...found);
      return found.length === 0 ? jobs : jobs.filter((job) => !found.includes(job));
    };
    for (const lane of this.lanes.values()) {
      lane.behind = extract(lane.behind);
    }
    const behind = removed.length;
    this.ready = extract(this.ready);
    this.control = extract(this.control);
    // A removed request that was ready gives its place to the next request of its lane.
    for (const job of removed.slice(behind)) {
      const lane = this.laneOf(job);
      if (lane !== undefined) {
        this.advance(job.key ?? "", lane);
      }
    }
    this.waiting -= removed.length;
    this.bytes -= removed.reduce((sum, job) => sum + job.size, 0);
    return removed;
  }
}

function isOvertaken(other: Job, control: Job): boolean {
  return other.key === control.key && !other.isControl;
}
