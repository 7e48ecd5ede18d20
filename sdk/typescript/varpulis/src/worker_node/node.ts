import type { Connection, Server, Stats } from "natsgen-runtime";

import { REGISTER, serveWorker, type WorkerId, type WorkerInstance } from "../protocol/index.js";
import { DrainLayer } from "./drain_layer.js";
import type { WorkerNodeOptions } from "./options.js";
import { Registrar } from "./registrar.js";

/** The time in milliseconds that an older instance may take to unsubscribe. */
const HANDOVER = 300;

/** The time in milliseconds for which a shutdown waits until a coordinator knows that the worker drains. */
const DRAINING_LIMIT = 1_000;

/** The phase of a worker. */
export type WorkerPhase = "drained" | "draining" | "joining" | "ready" | "rejected" | "replaced";

/** The health of a worker. */
export interface WorkerHealth {
  readonly phase: WorkerPhase;
  readonly isConnected: boolean;
  readonly isRegistered: boolean;
  /** The number of successful registrations. */
  readonly registrations: number;
  /** The error of the last registration. */
  readonly failure: unknown;
  /** The interval of heartbeats in milliseconds. */
  readonly heartbeatInterval: number | undefined;
  /** The number of heartbeats that were sent. */
  readonly heartbeats: number;
  /** The number of commands that a drain waits for. */
  readonly work: number;
  /** The counts of the server. */
  readonly commands: Stats;
}

/**
 * A complete worker: it serves a {@link WorkerService}, registers it with the coordinators and keeps it registered.
 *
 * Each start is a new instance under the worker's id. If a newer instance replaces this instance, {@link replaced}
 * resolves, and the caller should shut the node down.
 */
export class WorkerNode implements AsyncDisposable {
  readonly id: WorkerId;
  /** The id of this run of the worker, chosen at random. */
  readonly instance: WorkerInstance;
  private readonly connection: Connection;
  private readonly options: WorkerNodeOptions;
  private readonly layer: DrainLayer;
  private readonly registrar: Registrar;
  private readonly server: Server;
  private stoppingSince: number | undefined;
  private stopping: Promise<Stats> | undefined;

  private constructor(
    connection: Connection,
    options: WorkerNodeOptions,
    layer: DrainLayer,
    registrar: Registrar,
    server: Server,
  ) {
    this.id = options.id;
    this.instance = registrar.instance;
    this.connection = connection;
    this.options = options;
    this.layer = layer;
    this.registrar = registrar;
    this.server = server;
  }

  /**
   * Registers and serves. The first registration may fail: the node tries again with growing pauses.
   *
   * @throws {@link SubscribeError} if the permissions of the server deny the subscription to commands.
   */
  static async start(connection: Connection, options: WorkerNodeOptions): Promise<WorkerNode> {
    const own = connection.identity(REGISTER.definition.from, options.id);
    const layer = new DrainLayer(options.service);
    const registrar = new Registrar(own, options, layer);
    try {
      if (await registrar.join(own)) {
        await new Promise((resolve) => setTimeout(resolve, HANDOVER));
      }
      const { drainLimit = 20_000, deduplicate = true } = options;
      const serveOptions = { ...options.serve, deduplicate, drain: drainLimit };
      const server = await serveWorker(own, options.id, layer, serveOptions);
      const node = new WorkerNode(own, options, layer, registrar, server);
      void registrar.run(server);
      void node.follow();
      return node;
    } catch (error) {
      registrar.stop();
      throw error;
    }
  }

  /** The current health. */
  get health(): WorkerHealth {
    const { isRegistered, registrations, failure, heartbeatInterval } = this.registrar.status.value;
    return {
      phase: this.phase,
      isConnected: this.connection.isConnected,
      isRegistered,
      registrations,
      failure,
      heartbeatInterval,
      heartbeats: this.registrar.heartbeats,
      work: this.layer.work.value.running,
      commands: this.server.stats,
    };
  }

  /** Resolves when a coordinator has registered the worker. */
  async registered(): Promise<void> {
    await this.registrar.status.until(({ isRegistered }) => isRegistered);
  }

  /** Resolves when a newer instance under the same id has replaced this instance. */
  async replaced(): Promise<void> {
    await this.registrar.membership.state.until((state) => state === "draining" || state === "handed_over");
  }

  /** Resolves when the coordinators have refused the API key too often in succession. */
  async rejected(): Promise<void> {
    await this.registrar.status.until(({ isRejected }) => isRejected);
  }

  /**
   * Refuses new work, as after the command `drain`, and reports that to the coordinators. Resolves when no work runs, or
   * after the limit. Returns the number of commands that still run.
   */
  async drain(): Promise<number> {
    const limit = this.timeToStop();
    this.layer.beginDrain();
    await within(
      limit,
      this.layer.work.until(({ running }) => running === 0),
    );
    return this.layer.work.value.running;
  }

  /** Unsubscribes, finishes all received commands, sends their replies, and ends registrations and heartbeats. */
  async shutdown(): Promise<Stats> {
    return (this.stopping ??= this.finish());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  private get phase(): WorkerPhase {
    const { isRegistered, isRejected } = this.registrar.status.value;
    const { running, isDraining } = this.layer.work.value;
    if (this.registrar.membership.isReplaced) {
      return "replaced";
    }
    if (isDraining) {
      return running === 0 ? "drained" : "draining";
    }
    if (isRejected) {
      return "rejected";
    }
    return isRegistered && this.registrar.membership.state.value === "serving" ? "ready" : "joining";
  }

  private async finish(): Promise<Stats> {
    const limit = this.timeToStop();
    this.registrar.membership.resume();
    const stats = await this.server.shutdown(limit);
    if (this.layer.work.value.isDraining) {
      // Otherwise the coordinators would learn of the end of the worker from its silence.
      const reported = this.registrar.status.until(({ isDraining, failure }) => isDraining || failure !== undefined);
      await within(Math.min(limit, DRAINING_LIMIT), reported);
    }
    this.registrar.stop();
    return stats;
  }

  /** Applies the state of the membership to the server, and reports a drain. */
  private async follow(): Promise<void> {
    void this.layer.work
      .until(({ isDraining }) => isDraining)
      .then(() => {
        this.registrar.drain();
      });
    const { state } = this.registrar.membership;
    for (let last = state.value; ; last = await state.until((value) => value !== last)) {
      switch (last) {
        case "serving":
          this.server.resume();
          break;
        case "paused":
          this.server.pause();
          break;
        case "draining":
          this.server.resume();
          await this.server.shutdown();
          return;
        case "handed_over":
          await this.server.handOver();
          return;
      }
    }
  }

  /** The time that is left to stop. It begins with the first call. */
  private timeToStop(): number {
    this.stoppingSince ??= performance.now();
    return Math.max(0, (this.options.drainLimit ?? 20_000) - (performance.now() - this.stoppingSince));
  }
}

/** Waits for a promise, at most `milliseconds`. */
async function within(milliseconds: number, promise: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
