/** Calls per second, beside nats.js with handwritten JSON. */

import { connect as connectNats } from "@nats-io/transport-node";
import { connect } from "natsgen-runtime/node";
import {
  type InjectReply,
  type InjectRequest,
  PipelineId,
  serveWorker,
  WorkerClient,
  WorkerId,
  type WorkerService,
} from "varpulis-sdk";

import { median, processorTime, ratio, report, type Series, turns } from "./rounds.js";

/** The calls that run at the same time. */
const IN_FLIGHT = [1, 64, 512];

/** The time in milliseconds for which a contender runs before the rounds, so that its code is compiled. */
const WARM_UP = 3_000;

/** Calls a worker for a pipeline, and returns the number of emitted events. */
type Call = (number: number) => Promise<number>;

interface Contender extends AsyncDisposable {
  readonly call: Call;
}

/** Events of the same pipeline run in order. */
const PIPELINES = Array.from({ length: 64 }, (_, at) => `0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0${at + 10}`);
const EVENT_TYPE = "TradeExecuted";
const FIELDS = { symbol: "ACME", price: 101.25, volume: 1200 };
const WORKER = WorkerId("w0");

/** Measures calls with different numbers of calls in flight. */
export async function measureCalls(url: string, isQuick: boolean): Promise<void> {
  const [rounds, length] = isQuick ? [1, 50] : [15, 400];
  await using own = await ours(url);
  await using other = await bare(url);
  const calls = [own.call, other.call];
  for (const inFlight of IN_FLIGHT) {
    const throughput: Series[] = calls.map(() => []);
    const load: Series[] = calls.map(() => []);
    for (const call of calls) {
      await callWithin(isQuick ? length : WARM_UP, inFlight, call);
    }
    for (const turn of turns(rounds, calls.length)) {
      const call = calls[turn];
      if (call !== undefined) {
        const [start, processor] = [performance.now(), processorTime()];
        const count = await callWithin(length, inFlight, call);
        throughput[turn]?.push((count * 1_000) / (performance.now() - start));
        load[turn]?.push((processorTime() - processor) / count);
      }
    }
    report(`calls.${inFlight}.throughput`, median(throughput[0] ?? []), "/s");
    report(`calls.${inFlight}.bare_ratio`, ratio(throughput[0] ?? [], throughput[1] ?? []), "x");
    report(`calls.${inFlight}.bare_cpu_ratio`, ratio(load[0] ?? [], load[1] ?? []), "x");
  }
}

/** Calls in parallel for some milliseconds, and returns the number of calls. */
async function callWithin(length: number, inFlight: number, call: Call): Promise<number> {
  const end = performance.now() + length;
  let count = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) {
      count += 1;
      if ((await call(count % PIPELINES.length)) !== 3) {
        throw new Error("events are missing");
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return count;
}

/** Calls with the generated client and server. The server emits three events for an event. */
async function ours(url: string): Promise<Contender> {
  const [calling, serving] = [await connect({ servers: url }), await connect({ servers: url })];
  const service = {
    inject: (_, request): InjectReply => {
      const event = { event_type: request.event_type, fields: {} };
      return { ok: true, output_events: [event, event, event] };
    },
  } satisfies Partial<WorkerService>;
  const server = await serveWorker(serving, WORKER, service as unknown as WorkerService);
  const client = new WorkerClient(calling);
  const requests: InjectRequest[] = PIPELINES.map((id) => ({
    pipeline_id: PipelineId(id),
    event_type: EVENT_TYPE,
    fields: FIELDS,
  }));
  return {
    async call(number) {
      const request = requests[number];
      const reply = request === undefined ? undefined : await client.inject(WORKER, request, { timeout: 60_000 });
      return reply?.output_events.length ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Promise.all([calling.close(), serving.close()]);
    },
  };
}

/** Calls with nats.js. */
async function bare(url: string): Promise<Contender> {
  const [calling, serving] = [await connectNats({ servers: url }), await connectNats({ servers: url })];
  serving.subscribe("bare", {
    callback(_, message) {
      const request: { event_type: string } = message.json();
      const event = { event_type: request.event_type, fields: {} };
      message.respond(JSON.stringify({ ok: true, output_events: [event, event, event] }));
    },
  });
  await serving.flush();
  const requests = PIPELINES.map((id) => ({ pipeline_id: id, event_type: EVENT_TYPE, fields: FIELDS }));
  return {
    async call(number) {
      const data = JSON.stringify(requests[number]);
      const reply = await calling.request("bare", data, { timeout: 60_000 });
      return reply.json<{ output_events: unknown[] }>().output_events.length;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([calling.close(), serving.close()]);
    },
  };
}
