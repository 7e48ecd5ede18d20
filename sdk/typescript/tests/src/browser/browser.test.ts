/** Runs clients, a server and a subscriber in a browser, over a WebSocket. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { connect as connectNats } from "@nats-io/transport-node";
import { build } from "esbuild";
import type { Connection } from "natsgen-runtime";
import { connect } from "natsgen-runtime/node";
import { CoordinatorClient, WorkerId } from "varpulis-sdk";

import { NatsServer } from "../runtime/nats_server.js";
import { Chromium } from "./chromium.js";

/** The time that the page has, in milliseconds. */
const TIMEOUT = 120_000;

/** The page may run no text as code, as on sites with a strict policy. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src 'self' ws:";

const PAGE = '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>';

/** The script of the page. It needs a bundler, because the packages of NATS are CommonJS. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("page.js", import.meta.url));
  const result = await build({ entryPoints: [entry], bundle: true, format: "esm", target: "es2023", write: false });
  return result.outputFiles[0]?.text ?? "";
}

/** The answers to the page, by path. */
type Answers = Readonly<Record<string, (body: string) => Promise<string> | string>>;

async function answer(request: IncomingMessage, response: ServerResponse, answers: Answers): Promise<void> {
  const path = request.url ?? "";
  const found = answers[path];
  const types: Record<string, string> = { "/": "text/html", "/page.js": "text/javascript" };
  response.setHeader("content-security-policy", POLICY);
  response.setHeader("content-type", types[path] ?? "text/plain");
  response.statusCode = found === undefined ? 404 : 200;
  response.end(await found?.(await text(request)));
}

/** Serves the page on a free port. */
async function serve(answers: Answers): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    answer(request, response, answers).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    url: `http://127.0.0.1:${String(address.port)}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The reply of the browser to a request that breaks its schema. */
async function violation(url: string): Promise<string> {
  const raw = await connectNats({ servers: url });
  try {
    const reply = await raw.request("varpulis.cluster.cmd.browser.deploy", '{"name":1}', { timeout: 10_000 });
    return reply.string();
  } finally {
    await raw.close();
  }
}

async function heartbeat(connection: Connection): Promise<string> {
  const coordinator = new CoordinatorClient(connection);
  await coordinator.heartbeat(WorkerId("node"), { events_processed: 7n, pipelines_running: 0 });
  await connection.flush();
  return "";
}

test("a page calls, serves and subscribes over a WebSocket, and survives a lost connection", async () => {
  await using nats = await NatsServer.start('websocket { port: PORT, host: "127.0.0.1", no_tls: true }');
  await using connection = await connect({ servers: nats.url });
  const script = await bundle();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  await using server = await serve({
    "/": () => PAGE,
    "/page.js": () => script,
    "/server": () => nats.webUrl,
    "/violation": () => violation(nats.url),
    "/heartbeat": () => heartbeat(connection),
    "/kill": async () => {
      await nats.kill();
      return "";
    },
    "/restart": async () => {
      await nats.restart();
      return "";
    },
    "/report": (body) => {
      resolve(body);
      return "";
    },
  });
  await using chromium = await Chromium.open(server.url);
  const timer = setTimeout(() => {
    reject(new Error(`the page does not report: ${chromium.log}`));
  }, TIMEOUT);
  const report = await Promise.race([promise, chromium.failure()]);
  clearTimeout(timer);
  const deployed = '{"id":"p1","name":"alerts","status":"running"}';
  assert.deepEqual(JSON.parse(report), {
    success: deployed,
    fault: "DeployFault quota_exceeded 8 pipelines",
    invalid: "CallError not_sent invalid /name",
    violation: '{"error":"bad request: expected a string","code":"bad_request","pointer":"/name"}',
    heartbeats: "browser 1152921504606846977, node 7",
    loss: ["CallError no_answer disconnected ", "CallError not_sent disconnected ", deployed],
  });
});
