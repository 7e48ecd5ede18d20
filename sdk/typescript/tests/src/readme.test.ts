/** Runs the programs of README.md over a NATS server. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import type { Connection } from "natsgen-runtime";
import { route, serve } from "natsgen-runtime/generated";
import { connect } from "natsgen-runtime/node";
import { ApiKey, CoordinatorClient, DEPLOY, PipelineId, serveCoordinator, WorkerClient, WorkerId } from "varpulis-sdk";

import { NatsServer } from "./runtime/nats_server.js";

/** A program that runs, with the lines of its output. */
class Program implements AsyncDisposable {
  readonly process: ChildProcess;
  private readonly lines: AsyncIterator<string>;

  constructor(name: string, url: string) {
    const path = fileURLToPath(new URL(`generated/readme/${name}.js`, import.meta.url));
    const child = spawn(process.execPath, [path], {
      env: { ...process.env, NATS_URL: url },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.process = child;
    this.lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const next = await this.lines.next();
    return next.done === true ? "" : next.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill("SIGKILL");
      await once(this.process, "exit");
    }
  }
}

async function withConnection(run: (connection: Connection, url: string) => Promise<void>): Promise<void> {
  await using server = await NatsServer.start();
  await using connection = await connect({ servers: server.url });
  await run(connection, server.url);
}

test("README client deploys a pipeline", async () => {
  await withConnection(async (connection, url) => {
    await using _ = await serve(connection, undefined, {
      prefix: "varpulis.cluster",
      listen: [{ pattern: "cmd.{worker_id}.>" }],
      instance: { worker_id: "w0" },
      routes: [route(DEPLOY, (_, { name }) => ({ id: PipelineId("p1"), name, status: "running" }))],
    });
    await using program = new Program("client", url);
    assert.equal(await program.line(), "pipeline p1 is running");
  });
});

test("README server registers workers until it is stopped", async () => {
  await withConnection(async (connection, url) => {
    await using program = new Program("server", url);
    assert.equal(await program.line(), "serving");
    const coordinator = new CoordinatorClient(connection);
    const capacity = { cpu_cores: 4, pipelines_running: 0, max_pipelines: 8 };
    const request = { worker_id: WorkerId("w0"), address: "", api_key: ApiKey("secret"), capacity };
    assert.equal((await coordinator.register(request)).heartbeat_interval_secs, 5);
    await assert.rejects(coordinator.register({ ...request, api_key: ApiKey("wrong") }), { code: "invalid_api_key" });
    program.process.kill("SIGTERM");
    assert.equal(await program.line(), "2 requests, 1 workers");
  });
});

test("README subscriber shows heartbeats", async () => {
  await withConnection(async (connection, url) => {
    await using program = new Program("subscriber", url);
    assert.equal(await program.line(), "subscribed");
    const coordinator = new CoordinatorClient(connection);
    await coordinator.heartbeat(WorkerId("w7"), { events_processed: 12n, pipelines_running: 1 });
    assert.equal(await program.line(), "w7: 12 events");
  });
});

test("README worker registers, runs a pipeline, and stops", async () => {
  await withConnection(async (connection, url) => {
    await using _ = await serveCoordinator(connection, {
      register: (_, { worker_id }) => ({ worker_id, status: "registered", heartbeat_interval_secs: 1 }),
    });
    await using program = new Program("worker", url);
    assert.equal(await program.line(), "worker w0 is ready");
    const worker = new WorkerClient(connection);
    const { id } = await worker.deploy(WorkerId("w0"), { name: "alerts", source: "" });
    assert.deepEqual(await worker.undeploy(WorkerId("w0"), { pipeline_id: id }), { ok: true });
    program.process.kill("SIGTERM");
    assert.equal(await program.line(), "worker w0 is drained");
  });
});
