/** The time to decode and validate a message, beside `JSON.parse` with ajv and `JSON.parse` alone. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { type Codec, decode } from "natsgen-runtime";
import { DeployRequest, Heartbeat, InjectBatchRequest, RegisterRequest } from "varpulis-sdk";

import { median, processorTime, ratio, report, type Series, turns } from "./rounds.js";

const MESSAGES = {
  register: ["RegisterRequest", RegisterRequest],
  deploy: ["DeployRequest", DeployRequest],
  program: ["DeployRequest", DeployRequest],
  heartbeat: ["Heartbeat", Heartbeat],
  inject_batch: ["InjectBatchRequest", InjectBatchRequest],
} as const satisfies Record<string, readonly [type: string, codec: Codec<unknown>]>;

const decoder = new TextDecoder("utf-8", { fatal: true });

type Decode = (bytes: Uint8Array) => unknown;

/** Measures each message. */
export function measureDecoders(folder: string, isQuick: boolean): void {
  const [rounds, length] = isQuick ? [1, 1] : [101, 10];
  const ajv = new Ajv2020();
  addFormats.default(ajv);
  ajv.addSchema(JSON.parse(readFileSync(join(folder, "schema.json"), "utf8")) as object, "all");
  for (const [name, [type, codec]] of Object.entries(MESSAGES)) {
    const bytes = new Uint8Array(readFileSync(join(folder, `${name}.json`)));
    const contenders = [
      (data: Uint8Array) => decode<unknown>(codec, data),
      ajvDecoder(ajv, type),
      (data: Uint8Array) => JSON.parse(decoder.decode(data)) as unknown,
    ];
    requireChecks(name, contenders.slice(0, -1));
    const [ours = [], ...others] = measure(contenders, bytes, rounds, length);
    report(`decode.${name}.time`, median(ours), "us");
    for (const [at, other] of ["ajv", "parse"].entries()) {
      report(`decode.${name}.${other}_ratio`, ratio(ours, others[at] ?? []), "x");
    }
  }
}

function ajvDecoder(ajv: Ajv2020, type: string): Decode {
  const validate = ajv.getSchema(`all#/$defs/${type}`);
  if (validate === undefined) {
    throw new Error(`the schema has no type ${type}`);
  }
  return (data) => {
    const value = JSON.parse(decoder.decode(data)) as unknown;
    if (validate(value) !== true) {
      throw new Error(`ajv refuses the message: ${ajv.errorsText(validate.errors)}`);
    }
    return value;
  };
}

/** Requires that each contender refuses an empty object. */
function requireChecks(name: string, contenders: readonly Decode[]): void {
  const empty = new TextEncoder().encode("{}");
  for (const contender of contenders) {
    let isRefused = false;
    try {
      contender(empty);
    } catch {
      isRefused = true;
    }
    if (!isRefused) {
      throw new Error(`${name}: a contender accepts an empty object`);
    }
  }
}

/** The times of each contender, in microseconds for a message. A turn takes `length` milliseconds. */
function measure(contenders: readonly Decode[], bytes: Uint8Array, rounds: number, length: number): Series[] {
  const counts = contenders.map((contender) => countWithin(contender, bytes, length));
  const times: Series[] = contenders.map(() => []);
  for (const turn of turns(rounds, contenders.length)) {
    const [contender, count = 1] = [contenders[turn], counts[turn]];
    const start = processorTime();
    for (let at = 0; at < count; at++) {
      contender?.(bytes);
    }
    times[turn]?.push((processorTime() - start) / count);
  }
  return times;
}

/** How often a decoder runs within a time, after it has run thirty times as long to warm up. */
function countWithin(contender: Decode, bytes: Uint8Array, length: number): number {
  let count = 0;
  for (const end = processorTime() + 31_000 * length; processorTime() < end; count++) {
    contender(bytes);
  }
  return Math.ceil(count / 31);
}
