/** The peer over the TypeScript SDK: `serve URL ROLE ID` and `call URL`. */

import { argv, stdin } from "node:process";
import { createInterface } from "node:readline";

import { connect } from "natsgen-runtime/node";

import { executeAll } from "./call.js";
import { serve } from "./serve.js";

const [mode, url = "", role = "", id = ""] = argv.slice(2);
const input = createInterface({ input: stdin })[Symbol.asyncIterator]();
await using connection = await connect({ servers: url });
if (mode === "serve") {
  await serve(connection, input, role, id);
} else {
  await executeAll(connection, input);
}
