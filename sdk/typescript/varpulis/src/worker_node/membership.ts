import { CallError } from "natsgen-runtime";

import { RegisterFault } from "../protocol/index.js";
import { Watch } from "./watch.js";

/** The time in milliseconds within which a confirmed notice leaves the queued commands to this instance. */
const CONFIRMATION = 200;

/** The time in milliseconds in which only the first notice of a replacement pauses commands. */
const NOTICE_INTERVAL = 10_000;

/**
 * The state of an instance:
 *
 * - `serving`: it executes commands.
 * - `paused`: it may have been replaced; it queues commands until a coordinator has answered.
 * - `draining`: it was replaced, and executes the commands that it has begun.
 * - `handed_over`: it was replaced, and the newer instance has received the queued commands as well.
 */
export type MembershipState = "draining" | "handed_over" | "paused" | "serving";

/** Whether this instance is the registered instance of its worker id. */
export class Membership {
  readonly state: Watch<MembershipState> = new Watch<MembershipState>("serving");
  /** The number of events after which the instance may have been replaced. */
  doubts = 0;
  private notifiedAt = -Infinity;

  get isReplaced(): boolean {
    return this.state.value === "draining" || this.state.value === "handed_over";
  }

  /** The connection is lost, so this instance may miss the notice of its replacement. */
  disconnected(): void {
    this.doubts += 1;
    this.pause();
  }

  /** A peer announces that this instance was replaced. Any peer can send such a notice. */
  notified(): void {
    const now = performance.now();
    if (now - this.notifiedAt < NOTICE_INTERVAL || this.state.value !== "serving") {
      return;
    }
    this.notifiedAt = now;
    this.doubts += 1;
    this.pause();
  }

  /** A registration ended that began when there were `doubts` doubts. */
  registered(doubts: number, error: unknown): void {
    if (error instanceof RegisterFault && error.code === "worker_replaced") {
      this.replace();
      return;
    }
    const isDisconnected = error instanceof CallError && ["closed", "disconnected"].includes(error.reason);
    if (!isDisconnected && this.doubts === doubts) {
      this.resume();
    }
  }

  /** Another instance has the id. */
  handOver(): void {
    if (!this.isReplaced) {
      this.state.set("handed_over");
    }
  }

  /** Executes the paused commands. */
  resume(): void {
    if (this.state.value === "paused") {
      this.state.set("serving");
    }
  }

  private pause(): void {
    if (this.state.value === "serving") {
      this.state.set("paused");
    }
  }

  private replace(): void {
    if (!this.isReplaced) {
      const isEarly = performance.now() - this.notifiedAt < CONFIRMATION;
      this.state.set(isEarly ? "draining" : "handed_over");
    }
  }
}
