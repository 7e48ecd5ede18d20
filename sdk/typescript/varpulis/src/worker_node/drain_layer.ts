import type { Context } from "natsgen-runtime";

import {
  type CheckpointReply,
  type CheckpointRequest,
  DeployFault,
  type DeployReply,
  type DeployRequest,
  type DrainReply,
  type DrainRequest,
  type Heartbeat,
  InjectBatchFault,
  type InjectBatchReply,
  type InjectBatchRequest,
  InjectFault,
  type InjectReply,
  type InjectRequest,
  type PipelineId,
  type PipelineMetrics,
  RestoreFault,
  type RestoreReply,
  type RestoreRequest,
  type UndeployReply,
  type UndeployRequest,
  type WorkerService,
} from "../protocol/index.js";
import { Watch } from "./watch.js";

/** The maximum number of pipelines in a heartbeat. */
const METRICS_LIMIT = 10_000;

/** The work that a drain waits for. */
export interface Work {
  readonly running: number;
  readonly isDraining: boolean;
}

/** A service that refuses new work while the worker drains, and counts work and events. */
export class DrainLayer implements WorkerService {
  readonly work: Watch<Work> = new Watch<Work>({ running: 0, isDraining: false });
  private readonly service: WorkerService;
  private readonly pipelines = new Map<PipelineId, PipelineMetrics>();
  private events = 0n;

  constructor(service: WorkerService) {
    this.service = service;
  }

  /** The payload of a heartbeat. */
  heartbeat(): Heartbeat {
    return {
      events_processed: this.events,
      pipelines_running: this.pipelines.size,
      pipeline_metrics: [...this.pipelines.values()].slice(0, METRICS_LIMIT),
    };
  }

  /** Refuses new work from here on. */
  beginDrain(): void {
    this.work.set({ ...this.work.value, isDraining: true });
  }

  async checkpoint(context: Context, request: CheckpointRequest): Promise<CheckpointReply> {
    return this.service.checkpoint(context, request);
  }

  async deploy(context: Context, request: DeployRequest): Promise<DeployReply> {
    const reply = await this.run(
      async () => this.service.deploy(context, request),
      () => DeployFault.workerDraining(),
    );
    if (!this.pipelines.has(reply.id)) {
      this.pipelines.set(reply.id, { pipeline_name: reply.name, events_in: 0n, events_out: 0n });
    }
    return reply;
  }

  async drain(context: Context, request: DrainRequest): Promise<DrainReply> {
    this.beginDrain();
    return this.service.drain(context, request);
  }

  async inject(context: Context, request: InjectRequest): Promise<InjectReply> {
    const reply = await this.run(
      async () => this.service.inject(context, request),
      () => InjectFault.workerDraining(),
    );
    this.injected(request.pipeline_id, 1, reply.output_events.length);
    return reply;
  }

  async injectBatch(context: Context, request: InjectBatchRequest): Promise<InjectBatchReply> {
    const reply = await this.run(
      async () => this.service.injectBatch(context, request),
      () => InjectBatchFault.workerDraining(),
    );
    this.injected(request.pipeline_id, reply.events_sent, reply.output_events.length);
    return reply;
  }

  async restore(context: Context, request: RestoreRequest): Promise<RestoreReply> {
    return this.run(
      async () => this.service.restore(context, request),
      () => RestoreFault.workerDraining(),
    );
  }

  async undeploy(context: Context, request: UndeployRequest): Promise<UndeployReply> {
    const reply = await this.service.undeploy(context, request);
    this.pipelines.delete(request.pipeline_id);
    return reply;
  }

  private async run<T>(work: () => Promise<T>, refusal: () => Error): Promise<T> {
    if (this.work.value.isDraining) {
      throw refusal();
    }
    this.count(1);
    try {
      return await work();
    } finally {
      this.count(-1);
    }
  }

  private count(change: number): void {
    const { running, isDraining } = this.work.value;
    this.work.set({ running: running + change, isDraining });
  }

  private injected(id: PipelineId, eventsIn: number, eventsOut: number): void {
    this.events += BigInt(eventsIn);
    const pipeline = this.pipelines.get(id);
    if (pipeline !== undefined) {
      pipeline.events_in += BigInt(eventsIn);
      pipeline.events_out += BigInt(eventsOut);
    }
  }
}
