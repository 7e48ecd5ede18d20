/**
 * Waits for a worker, deploys a pipeline on it, injects events, and undeploys the pipeline.
 *
 * Start a worker before or after it: `cargo run -- worker`, or the example `worker` of any language. The variable
 * `NATS_URL` names the server, and `WORKER_ID` the worker.
 */

import { connect } from "natsgen-runtime/node";
import { DeployFault, InjectFault, type OutputEvent, WorkerClient, WorkerId } from "varpulis-sdk";

/** Emits an event `Hot` for each reading above 90 degrees. */
const PROGRAM = "stream Hot = Reading .where(celsius > 90)";

/** The types and temperatures of events. */
function describe(events: readonly OutputEvent[]): string {
  const texts = events.map(({ event_type, fields }) => `${event_type} ${Number(fields?.["celsius"])}`);
  return texts.length === 0 ? "nothing" : texts.join(", ");
}

const worker = WorkerId(process.env["WORKER_ID"] ?? "w0");
await using connection = await connect({ servers: process.env["NATS_URL"] ?? "nats://localhost:4222" });

// Without a worker, a call fails at once. So the client repeats it until the worker has started.
const retry = { attempts: 1_000, firstPause: 100, longestPause: 1_000 };
const workers = new WorkerClient(connection, { timeout: 60_000, retry });
console.log(`waiting for worker ${worker}`);
const { id, name, status } = await workers.deploy(worker, { name: "alerts", source: PROGRAM });
console.log(`pipeline ${name} is ${status}`);

// A reply contains the events that the pipeline emits.
for (const celsius of [85.5, 105.5]) {
  const request = { pipeline_id: id, event_type: "Reading", fields: { celsius } };
  const reply = await workers.inject(worker, request);
  console.log(`${celsius} emits ${describe(reply.output_events)}`);
}
const events = [20.5, 95.5, 120.5].map((celsius) => ({ event_type: "Reading", fields: { celsius } }));
const batch = await workers.injectBatch(worker, { pipeline_id: id, events });
const { events_sent: sent, events_failed: failed } = batch;
console.log(`a batch has ${sent} processed and ${failed} failed events`);
console.log(`the batch emits ${describe(batch.output_events)}`);

// An error that the operation declares is a fault. Its type lists all codes.
try {
  const reply = await workers.deploy(worker, { name: "mistake", source: "stream Hot Reading" });
  console.log("unexpected:", reply);
} catch (error) {
  if (!(error instanceof DeployFault && error.code === "pipeline_parse")) {
    throw error;
  }
  console.log("a wrong program is refused: pipeline_parse");
}

await workers.undeploy(worker, { pipeline_id: id });
console.log(`pipeline ${name} is undeployed`);
try {
  const reply = await workers.inject(worker, { pipeline_id: id, event_type: "Reading" });
  console.log("unexpected:", reply);
} catch (error) {
  if (!(error instanceof InjectFault && error.code === "pipeline_not_found")) {
    throw error;
  }
  console.log("a further event is refused: pipeline_not_found");
}
