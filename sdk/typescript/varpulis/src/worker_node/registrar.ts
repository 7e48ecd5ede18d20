import { Backoff, type Connection, PublishFailure, randomToken, type Server } from "natsgen-runtime";

import {
  CoordinatorClient,
  type Heartbeat,
  RegisterFault,
  type RegisterReply,
  type RegisterRequest,
  type Registration,
  REGISTRATION,
  WorkerInstance,
} from "../protocol/index.js";
import type { DrainLayer } from "./drain_layer.js";
import { Membership } from "./membership.js";
import type { WorkerNodeOptions } from "./options.js";
import { Alarm, Watch } from "./watch.js";

/** The interval of heartbeats if the coordinator names none. */
const HEARTBEAT_INTERVAL = 5_000;

/** The number of heartbeats between two registrations. */
const HEARTBEATS = 3;

/** The shortest time between two requests to confirm a replacement. */
const CONFIRM_INTERVAL = 1_000;

/** The longest time for which a heartbeat waits for its payload. */
const HEARTBEAT_LIMIT = 1_000;

/** The state of the registration. */
export interface RegistrationStatus {
  readonly isRegistered: boolean;
  /** Whether a coordinator knows that the worker drains. */
  readonly isDraining: boolean;
  /** The number of successful registrations. */
  readonly registrations: number;
  /** The error of the last registration. */
  readonly failure: unknown;
  /** The interval of heartbeats in milliseconds. */
  readonly heartbeatInterval: number | undefined;
  readonly keyRefusals: number;
  /** Whether the coordinators have refused the API key too often. */
  readonly isRejected: boolean;
}

const UNREGISTERED: RegistrationStatus = {
  isRegistered: false,
  isDraining: false,
  registrations: 0,
  failure: undefined,
  heartbeatInterval: undefined,
  keyRefusals: 0,
  isRejected: false,
};

/** A reply of a coordinator that does not register this worker. */
export class RegistrationError extends Error {
  override readonly name = "RegistrationError";
}

/** Keeps a worker registered, and sends its heartbeats. */
export class Registrar {
  readonly instance: WorkerInstance = WorkerInstance(randomToken(22));
  readonly membership: Membership = new Membership();
  readonly status: Watch<RegistrationStatus> = new Watch(UNREGISTERED);
  heartbeats = 0;
  private readonly options: WorkerNodeOptions;
  private readonly layer: DrainLayer;
  private readonly coordinator: CoordinatorClient;
  private readonly alarm = new Alarm();
  private readonly stopped = new AbortController();
  private lastHeartbeat: Heartbeat = { events_processed: 0n, pipelines_running: 0 };
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** The server of the commands. Before it runs, the worker sends no heartbeats. */
  private server: Server | undefined;
  private unlisten = (): void => undefined;

  constructor(connection: Connection, options: WorkerNodeOptions, layer: DrainLayer) {
    this.options = options;
    this.layer = layer;
    this.coordinator = new CoordinatorClient(connection);
  }

  /**
   * Registers for the first time, and tries again as long as another instance has the id. Returns whether this
   * instance replaces another one.
   */
  async join(connection: Connection): Promise<boolean> {
    this.unlisten = connection.listen(({ type }) => {
      if (type === "disconnected") {
        this.membership.disconnected();
      } else if (type === "connected") {
        this.alarm.ring("wake");
      }
    });
    let isSuccessor = false;
    const handle = (notice: Registration): void => {
      isSuccessor ||= notice.instance === this.instance;
      this.handle(notice);
    };
    await this.listen(connection, handle);
    const backoff = this.backoff();
    await this.register(false);
    while (this.isIdInUse && !this.stopped.signal.aborted) {
      await this.alarm.wait(backoff.pause());
      await this.register(false);
    }
    await connection.flush().catch(() => undefined);
    return isSuccessor;
  }

  /** Registers again and again, until the worker stops or is replaced. `server` executes the commands. */
  async run(server: Server): Promise<void> {
    this.server = server;
    this.beat(true);
    const backoff = this.backoff();
    let nextConfirmation = 0;
    while (!this.isOver) {
      const reason = await this.alarm.wait(this.pause(backoff));
      if (reason === "stop") {
        break;
      }
      if (reason === "confirm") {
        await sleep(nextConfirmation - performance.now());
        nextConfirmation = performance.now() + CONFIRM_INTERVAL;
      } else if (reason !== undefined) {
        backoff.reset();
      }
      if (reason === "wake") {
        // After a restart of the server, all workers register again at once. A random pause spreads them.
        await sleep(this.backoff().pause());
      }
      await this.register(reason === "confirm");
      if (this.isIdInUse) {
        this.membership.handOver();
      }
    }
    this.stop();
  }

  /** Reports that the worker drains. */
  drain(): void {
    this.alarm.ring("drain");
  }

  /** Ends registrations and heartbeats. */
  stop(): void {
    this.stopped.abort();
    this.alarm.ring("stop");
    this.unlisten();
    clearTimeout(this.timer);
    this.status.set({ ...this.status.value, isRegistered: false });
  }

  private get isOver(): boolean {
    return this.stopped.signal.aborted || this.membership.isReplaced || this.status.value.isRejected;
  }

  private get isIdInUse(): boolean {
    const { failure } = this.status.value;
    return failure instanceof RegisterFault && failure.code === "worker_id_in_use";
  }

  private backoff(): Backoff {
    const { firstPause = 1_000, longestPause = 30_000 } = this.options;
    return new Backoff(firstPause, longestPause);
  }

  private pause(backoff: Backoff): number {
    const { isRegistered, heartbeatInterval = HEARTBEAT_INTERVAL } = this.status.value;
    if (!isRegistered) {
      return backoff.pause();
    }
    backoff.reset();
    const renewal = this.options.renewal ?? heartbeatInterval * HEARTBEATS;
    // The random part spreads the registrations of the workers.
    return new Backoff(renewal, renewal).pause();
  }

  /** Receives notices. Without the permission to subscribe, the worker learns of a replacement at its next renewal. */
  private async listen(connection: Connection, handle: (notice: Registration) => void): Promise<void> {
    const filter = { worker_id: this.options.id };
    try {
      const notices = await connection.subscribe(REGISTRATION, filter, { signal: this.stopped.signal });
      void (async () => {
        for await (const { event } of notices) {
          handle(event);
        }
      })();
    } catch {
      return;
    }
  }

  private handle(notice: Registration): void {
    if (notice.replaced?.includes(this.instance) === true) {
      this.membership.notified();
      this.alarm.ring("confirm");
    } else if (notice.instance !== this.instance) {
      this.alarm.ring("wake");
    }
  }

  private async register(isConfirming: boolean): Promise<void> {
    const { doubts } = this.membership;
    const { isDraining } = this.layer.work.value;
    const request = await this.request(isDraining, isConfirming);
    try {
      const reply = await this.coordinator.register(request, { signal: this.stopped.signal });
      const interval = this.intervalOf(reply);
      const registrations = this.status.value.registrations + 1;
      this.membership.registered(doubts, undefined);
      this.status.set({ ...UNREGISTERED, isRegistered: true, isDraining, registrations, heartbeatInterval: interval });
      this.beat(true);
    } catch (error) {
      this.membership.registered(doubts, error);
      this.status.set(this.failed(error));
    }
  }

  private intervalOf(reply: RegisterReply): number {
    if (reply.worker_id !== this.options.id) {
      throw new RegistrationError("the reply names another worker");
    }
    if (reply.status !== "registered") {
      throw new RegistrationError("the reply has an unknown status");
    }
    return reply.heartbeat_interval_secs === undefined ? HEARTBEAT_INTERVAL : reply.heartbeat_interval_secs * 1_000;
  }

  private failed(error: unknown): RegistrationStatus {
    const status = this.status.value;
    const { apiKeyAttempts = 5 } = this.options;
    const code = error instanceof RegisterFault ? error.code : undefined;
    const refusals = code === "invalid_api_key" ? status.keyRefusals + 1 : code === undefined ? status.keyRefusals : 0;
    const isRejected = status.isRejected || (apiKeyAttempts > 0 && refusals >= apiKeyAttempts);
    return { ...status, isRegistered: false, failure: error, keyRefusals: refusals, isRejected };
  }

  private async request(isDraining: boolean, isConfirming: boolean): Promise<RegisterRequest> {
    const { id, apiKey, address = "", maxPipelines = 100, cpuCores = navigator.hardwareConcurrency } = this.options;
    const { pipelines_running } = await this.heartbeat();
    return {
      worker_id: id,
      address,
      api_key: apiKey,
      capacity: {
        cpu_cores: cpuCores,
        pipelines_running,
        max_pipelines: isDraining ? Math.min(pipelines_running, maxPipelines) : maxPipelines,
      },
      instance: this.instance,
      ...(isDraining ? { draining: true } : {}),
      ...(isConfirming ? { confirm: true } : {}),
    };
  }

  /** Sends a heartbeat, now or after the interval, and plans the next one. */
  private beat(isNow: boolean): void {
    clearTimeout(this.timer);
    const { heartbeatInterval } = this.status.value;
    if (this.server === undefined || this.isOver || heartbeatInterval === undefined) {
      return;
    }
    this.timer = setTimeout(
      () => {
        void this.send().then(() => {
          this.beat(false);
        });
      },
      isNow ? 0 : heartbeatInterval,
    );
  }

  private async send(): Promise<void> {
    try {
      const payload = await this.heartbeat();
      const isSaturated = this.server?.stats.saturation !== undefined;
      await this.sendOrShorten(isSaturated ? { ...payload, saturated: true } : payload);
      this.heartbeats += 1;
    } catch {
      // A heartbeat can be lost. The coordinator notices if several are lost.
    }
  }

  private async sendOrShorten(heartbeat: Heartbeat): Promise<void> {
    const { id } = this.options;
    try {
      await this.coordinator.heartbeat(id, heartbeat);
    } catch (error) {
      if (!(error instanceof PublishFailure) || error.reason !== "too_large") {
        throw error;
      }
      // Without the metrics of all pipelines, it still shows that the worker lives.
      await this.coordinator.heartbeat(id, { ...heartbeat, pipeline_metrics: [] });
    }
  }

  /** The payload of a heartbeat: the last one if the callback fails or is late. */
  private async heartbeat(): Promise<Heartbeat> {
    const { heartbeat } = this.options;
    if (heartbeat === undefined) {
      return this.layer.heartbeat();
    }
    const supplied = (async () => {
      this.lastHeartbeat = await heartbeat();
    })().catch(() => undefined);
    await Promise.race([supplied, sleep(HEARTBEAT_LIMIT)]);
    return this.lastHeartbeat;
  }
}

async function sleep(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}
