/**
 * Compares the SDK with the usual choice in TypeScript: `node dist/bench/main.js URL MESSAGES [--quick]`.
 *
 * URL is a NATS server. MESSAGES is a folder with a JSON document for each message, and with the JSON Schema of all
 * types. The program prints lines `CASE value unit`. A value is the median over rounds in which all contenders take
 * turns; a ratio is the median of the ratios of each round. `--quick` runs short rounds, whose times mean nothing.
 */

import { parseArgs } from "node:util";

import { measureCalls } from "./calls.js";
import { measureDecoders } from "./decode.js";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: "boolean" } } });
const [url, messages] = positionals;
if (url === undefined || messages === undefined) {
  throw new Error("expected the arguments URL MESSAGES [--quick]");
}
const isQuick = values.quick ?? false;
measureDecoders(messages, isQuick);
await measureCalls(url, isQuick);
