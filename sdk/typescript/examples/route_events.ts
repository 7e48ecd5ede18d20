/**
 * Reads pipeline events from JSON texts, publishes them to the workers on their routes, and receives them.
 *
 * It needs no worker. The variable `NATS_URL` names the server.
 */

import { decode, DecodeError } from "natsgen-runtime";
import { connect } from "natsgen-runtime/node";
import { GroupId, PIPELINE_EVENT, PipelineEvent, WorkerClient, WorkerId } from "varpulis-sdk";

/** The second event has no valid time. */
const EVENTS = [
  '{"event_type": "Hot", "timestamp": "2026-11-30T10:00:00Z", "sensor": "s1"}',
  '{"event_type": "Hot", "timestamp": "yesterday", "sensor": "s2"}',
  '{"event_type": "Cold", "timestamp": "2026-11-30T10:00:01Z", "sensor": "s3"}',
];

const group = GroupId("plant");
const sender = WorkerId("w0");
await using connection = await connect({ servers: process.env["NATS_URL"] ?? "nats://localhost:4222" });

// The filter selects the events of the group. The other parameters of the subject may have any value.
const events = await connection.subscribe(PIPELINE_EVENT, { group });

const workers = new WorkerClient(connection);
let published = 0;
for (const text of EVENTS) {
  try {
    // The decoder checks the whole schema. Its error names the JSON pointer of the invalid value.
    const event = decode(PipelineEvent, new TextEncoder().encode(text));
    const receiver = WorkerId(event.event_type === "Hot" ? "w1" : "w2");
    await workers.pipelineEvent(group, sender, receiver, event);
    published += 1;
  } catch (error) {
    if (!(error instanceof DecodeError)) {
      throw error;
    }
    console.log(`not published: ${error.pointer} breaks the schema`);
  }
}
console.log(`published: ${published} events`);

for await (const { params, event } of events) {
  const { event_type, fields } = event;
  const sensor = fields?.["sensor"];
  if (event_type === undefined || typeof sensor !== "string") {
    throw new Error("an event without type or sensor");
  }
  console.log(`${params.from_worker} to ${params.to_worker}: ${event_type} of sensor ${sensor}`);
  published -= 1;
  if (published === 0) {
    break;
  }
}
