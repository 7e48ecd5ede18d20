/**
 * Compares decoding with `JSON.parse` and a compiled ajv validator: `node tests/dist/bench/decode.js` in `sdk/typescript`.
 * A figure is the time in relation to `JSON.parse` alone, the best of interleaved rounds.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { type Codec, decode } from "natsgen-runtime";
import { DeployRequest, Heartbeat, InjectBatchRequest, RegisterRequest } from "varpulis-sdk";

const SCHEMAS = "../../schema";
const ROUNDS = 30;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

interface Contender {
  readonly name: string;
  readonly schema: string;
  readonly codec: Codec<unknown>;
  readonly value: unknown;
}

const metrics = Array.from({ length: 20 }, (_, at) => ({
  pipeline_name: `pipeline-${String(at)}`,
  events_in: 1_000_000 + at,
  events_out: 1_000 + at,
}));

const CONTENDERS: readonly Contender[] = [
  {
    name: "register",
    schema: "coordinator/register.json#/$defs/Request",
    codec: RegisterRequest,
    value: {
      worker_id: "w0",
      address: "http://w0:8080",
      api_key: "secret",
      capacity: { cpu_cores: 8, pipelines_running: 3, max_pipelines: 100 },
    },
  },
  {
    name: "deploy",
    schema: "worker/deploy.json#/$defs/Request",
    codec: DeployRequest,
    value: { name: "alerts", source: "stream Hot = Reading where celsius > 90\n".repeat(50) },
  },
  {
    name: "heartbeat",
    schema: "coordinator/heartbeat.json#/$defs/Message",
    codec: Heartbeat,
    value: { events_processed: 123_456, pipelines_running: 20, pipeline_metrics: metrics },
  },
  {
    name: "1,000 events",
    schema: "worker/inject_batch.json#/$defs/Request",
    codec: InjectBatchRequest,
    value: {
      pipeline_id: "p1",
      events: Array.from({ length: 1_000 }, (_, at) => ({
        event_type: "Reading",
        fields: { sensor: `sensor-${String(at)}`, celsius: at / 10, place: { room: at % 7, wet: false } },
      })),
    },
  },
];

function compiler(): Ajv2020 {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addFormat("uint64", true);
  for (const path of readdirSync(SCHEMAS, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".json") && !path.startsWith("meta") && path !== "manifest.json") {
      const schema = JSON.parse(readFileSync(join(SCHEMAS, path), "utf8")) as Record<string, unknown>;
      ajv.addSchema({ ...schema, $id: `file:///${path}` });
    }
  }
  return ajv;
}

/** The processor time of a run. Other processes do not change it much. */
function time(run: () => unknown, count: number): number {
  const start = process.cpuUsage();
  for (let at = 0; at < count; at++) {
    run();
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / count;
}

function compare({ name, schema, codec, value }: Contender, ajv: Ajv2020): void {
  const bytes = encoder.encode(JSON.stringify(value));
  const validate: ValidateFunction | undefined = ajv.getSchema(`file:///${schema}`);
  if (validate === undefined || !validate(value)) {
    throw new Error(`${name} is not valid: ${JSON.stringify(validate?.errors)}`);
  }
  const ways = [
    () => JSON.parse(decoder.decode(bytes)) as unknown,
    () => decode(codec, bytes),
    () => validate(JSON.parse(decoder.decode(bytes))),
  ];
  const count = Math.max(20, Math.floor(6_000_000 / (bytes.length + 500)));
  const best = ways.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, run] of ways.entries()) {
      best[at] = Math.min(best[at] ?? Infinity, time(run, count));
    }
  }
  const [parse = 1, own = 1, other = 1] = best;
  const show = (figure: number): string => (figure / parse).toFixed(2);
  console.log(`${name}: ours ${show(own)}, ajv ${show(other)} (${String(bytes.length)} bytes)`);
}

const ajv = compiler();
for (const contender of CONTENDERS) {
  compare(contender, ajv);
}
