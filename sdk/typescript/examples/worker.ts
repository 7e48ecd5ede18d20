/**
 * A worker with an engine of its own: it registers with a coordinator, runs commands, and drains on Ctrl-C.
 *
 * Start a coordinator before or after it: `cargo run -- coordinator`. The variable `NATS_URL` names the server,
 * `WORKER_ID` the worker, and `API_KEY` the key of the coordinators.
 */

import { connect } from "natsgen-runtime/node";
import {
  ApiKey,
  CheckpointFault,
  DeployFault,
  type EventFields,
  InjectBatchFault,
  InjectFault,
  type OutputEvent,
  PipelineId,
  RestoreFault,
  UndeployFault,
  WorkerId,
  WorkerNode,
  type WorkerService,
} from "varpulis-sdk";

/** A program with a single stream, such as `stream Hot = Reading .where(celsius > 90)`. */
const PROGRAM = /^stream (\w+) = (\w+) \.where\((\w+) > (\d+)\)$/;

/** A pipeline with a single stream. */
class Pipeline {
  readonly name: string;
  received = 0n;
  emitted = 0n;
  private readonly emits: string;
  private readonly accepts: string;
  private readonly field: string;
  private readonly limit: number;

  /** Throws a fault if the source is not a program of this engine. */
  constructor(name: string, source: string) {
    const [, emits, accepts, field, limit] = PROGRAM.exec(source) ?? [];
    if (emits === undefined || accepts === undefined || field === undefined) {
      throw DeployFault.pipelineParse("expected a stream");
    }
    this.name = name;
    this.emits = emits;
    this.accepts = accepts;
    this.field = field;
    this.limit = Number(limit);
  }

  /** Processes an event. Returns the events that it emits. */
  process(type: string, fields: EventFields = {}): OutputEvent[] {
    this.received += 1n;
    const value = fields[this.field];
    if (type !== this.accepts || typeof value !== "number" || value <= this.limit) {
      return [];
    }
    this.emitted += 1n;
    return [{ event_type: this.emits, fields }];
  }
}

const pipelines = new Map<string, Pipeline>();

/** The number of the last pipeline. It begins at the start time, so ids of an earlier run are unknown. */
let last = Date.now();

const engine: WorkerService = {
  deploy(_, { name, source }) {
    const pipeline = new Pipeline(name, source);
    console.log(`deployed ${name}`);
    last += 1;
    const id = PipelineId(`p-${last}`);
    pipelines.set(id, pipeline);
    return { id, name, status: "running" };
  },
  undeploy(_, { pipeline_id }) {
    const pipeline = pipelines.get(pipeline_id);
    if (pipeline === undefined) {
      throw UndeployFault.pipelineNotFound(pipeline_id);
    }
    pipelines.delete(pipeline_id);
    console.log(`undeployed ${pipeline.name}, ${pipeline.received} events`);
    return { ok: true };
  },
  inject(_, { pipeline_id, event_type, fields }) {
    const pipeline = pipelines.get(pipeline_id);
    if (pipeline === undefined) {
      throw InjectFault.pipelineNotFound(pipeline_id);
    }
    return { ok: true, output_events: pipeline.process(event_type, fields) };
  },
  injectBatch(_, { pipeline_id, events }) {
    const started = performance.now();
    const pipeline = pipelines.get(pipeline_id);
    if (pipeline === undefined) {
      throw InjectBatchFault.pipelineNotFound(pipeline_id);
    }
    const output_events = events.flatMap(({ event_type, fields }) => pipeline.process(event_type, fields));
    const processing_time_us = Math.round((performance.now() - started) * 1_000);
    return { events_sent: events.length, events_failed: 0, output_events, errors: [], processing_time_us };
  },
  checkpoint(_, { pipeline_id }) {
    const pipeline = pipelines.get(pipeline_id);
    if (pipeline === undefined) {
      throw CheckpointFault.pipelineNotFound(pipeline_id);
    }
    const states = { window_states: {}, sase_states: {}, join_states: {}, variables: {} };
    return { ...states, events_processed: pipeline.received, output_events_emitted: pipeline.emitted };
  },
  restore(_, { pipeline_id, checkpoint }) {
    const pipeline = pipelines.get(pipeline_id);
    if (pipeline === undefined) {
      throw RestoreFault.pipelineNotFound(pipeline_id);
    }
    pipeline.received = checkpoint.events_processed;
    pipeline.emitted = checkpoint.output_events_emitted;
    return { ok: true };
  },
  drain() {
    // The node refuses new work from here on.
    return { ok: true };
  },
};

await using connection = await connect({ servers: process.env["NATS_URL"] ?? "nats://localhost:4222" });
const id = WorkerId(process.env["WORKER_ID"] ?? "w0");
const apiKey = ApiKey(process.env["API_KEY"] ?? "secret");

await using node = await WorkerNode.start(connection, { id, apiKey, service: engine });
await node.registered();
console.log(`worker ${node.id} is ${node.health.phase}`);

await new Promise((resolve) => process.once("SIGINT", resolve));
await node.drain();
console.log(`worker ${node.id} is ${node.health.phase}`);
