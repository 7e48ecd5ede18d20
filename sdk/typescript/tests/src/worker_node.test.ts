import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { connect as connectRaw } from "@nats-io/transport-node";
import { CallError, connectInProcess, type Connection, MemoryBroker, type Server } from "natsgen-runtime";
import { connect } from "natsgen-runtime/node";
import {
  ApiKey,
  CheckpointFault,
  type CoordinatorService,
  DEPLOY,
  DeployFault,
  HEARTBEAT,
  type Heartbeat,
  PipelineId,
  RegisterFault,
  type RegisterReply,
  type RegisterRequest,
  serveCoordinator,
  WorkerClient,
  WorkerId,
  WorkerNode,
  type WorkerNodeOptions,
  type WorkerService,
} from "varpulis-sdk";

import { NatsServer } from "./runtime/nats_server.js";

const id = WorkerId("w0");

/** An engine that runs nothing. */
const engine: WorkerService = {
  checkpoint: () => {
    throw CheckpointFault.pipelineNotFound("p");
  },
  async deploy(_, { name }) {
    await pause(name === "slow" ? 300 : 0);
    return { id: PipelineId(`p-${name}`), name, status: "running" };
  },
  drain: () => ({ ok: true }),
  inject: () => ({ ok: true, output_events: [] }),
  injectBatch: (_, { events }) => ({
    events_sent: events.length,
    events_failed: 0,
    output_events: [],
    errors: [],
    processing_time_us: 1,
  }),
  restore: () => ({ ok: true }),
  undeploy: () => ({ ok: true }),
};

/** A coordinator that records registrations. */
class Coordinator implements CoordinatorService {
  readonly requests: RegisterRequest[] = [];
  fault: ((request: RegisterRequest) => RegisterFault | undefined) | undefined;

  register(_: unknown, request: RegisterRequest): RegisterReply {
    this.requests.push(request);
    const fault = this.fault?.(request);
    if (fault !== undefined) {
      throw fault;
    }
    return { worker_id: request.worker_id, status: "registered", heartbeat_interval_secs: 1 };
  }

  getWorker(): never {
    throw new Error("workers do not call it");
  }

  listWorkers(): never {
    throw new Error("workers do not call it");
  }

  removeWorker(): never {
    throw new Error("workers do not call it");
  }
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let attempt = 0; !isTrue(); attempt++) {
    assert.ok(attempt < 1_000, "the condition does not become true");
    await pause(10);
  }
}

function options(more: Partial<WorkerNodeOptions> = {}): WorkerNodeOptions {
  return { id, apiKey: ApiKey("key"), service: engine, firstPause: 20, longestPause: 50, ...more };
}

interface Cluster extends AsyncDisposable {
  readonly connection: Connection;
  readonly coordinator: Coordinator;
  readonly workers: WorkerClient;
  readonly heartbeats: Heartbeat[];
  readonly start: (more?: Partial<WorkerNodeOptions>) => Promise<WorkerNode>;
}

async function cluster(): Promise<Cluster> {
  const broker = new MemoryBroker();
  const connection = connectInProcess(broker);
  const coordinator = new Coordinator();
  const server: Server = await serveCoordinator(connection, coordinator);
  const heartbeats: Heartbeat[] = [];
  const events = await connection.subscribe(HEARTBEAT, { worker_id: id });
  void (async () => {
    for await (const { event } of events) {
      heartbeats.push(event);
    }
  })();
  return {
    connection,
    coordinator,
    workers: new WorkerClient(connection),
    heartbeats,
    start: (more) => WorkerNode.start(connectInProcess(broker), options(more)),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await connection.close();
    },
  };
}

test("a node registers, serves commands, and sends heartbeats with its counts", async () => {
  await using all = await cluster();
  await using node = await all.start({ maxPipelines: 7 });
  await node.registered();
  assert.equal(node.health.phase, "ready");
  const reply = await all.workers.deploy(id, { name: "a", source: "" });
  assert.equal(reply.status, "running");
  await all.workers.injectBatch(id, { pipeline_id: reply.id, events: [{ event_type: "E" }, { event_type: "E" }] });
  await until(() => all.heartbeats.some(({ events_processed }) => events_processed === 2n));
  assert.deepEqual(all.heartbeats.at(-1)?.pipeline_metrics, [
    { pipeline_name: "a", events_in: 2n, events_out: 0n, connector_health: [] },
  ]);
  assert.equal(all.coordinator.requests[0]?.capacity.max_pipelines, 7);
  assert.equal(all.coordinator.requests[0].instance, node.instance);
  assert.equal(all.coordinator.requests[0].api_key.reveal(), "key");
});

test("a node without a coordinator serves, and registers as soon as there is one", async () => {
  const broker = new MemoryBroker();
  await using node = await WorkerNode.start(connectInProcess(broker), options());
  assert.deepEqual([node.health.phase, node.health.failure instanceof CallError], ["joining", true]);
  await using _ = await serveCoordinator(connectInProcess(broker), new Coordinator());
  await node.registered();
  assert.equal(node.health.phase, "ready");
});

test("a draining node refuses new work, reports it, and finishes running work", async () => {
  await using all = await cluster();
  const node = await all.start();
  const slow = all.workers.deploy(id, { name: "slow", source: "" });
  await until(() => node.health.work === 1);
  const drained = node.drain();
  await assert.rejects(all.workers.deploy(id, { name: "b", source: "" }), (error: unknown) => {
    assert.ok(error instanceof DeployFault && error.code === "worker_draining");
    return true;
  });
  assert.equal((await slow).name, "slow");
  assert.equal(await drained, 0);
  const stats = await node.shutdown();
  assert.equal(all.coordinator.requests.at(-1)?.draining, true);
  assert.equal(stats.answered, 2);
  await assert.rejects(all.workers.deploy(id, { name: "c", source: "" }), CallError);
});

test("a node stops serving when a coordinator confirms its replacement, and not before", async () => {
  await using all = await cluster();
  const node = await all.start();
  await node.registered();
  const before = all.coordinator.requests.length;
  await all.workers.registration(id, { replaced: [node.instance] });
  await until(() => all.coordinator.requests.slice(before).some(({ confirm }) => confirm === true));
  await until(() => node.health.phase === "ready");
  all.coordinator.fault = () => RegisterFault.workerReplaced();
  await all.workers.registration(id, { replaced: [node.instance] });
  await node.replaced();
  assert.equal(node.health.phase, "replaced");
  await until(() => all.coordinator.requests.length > 0);
  const { reason } = await all.workers.deploy(id, { name: "a", source: "" }).then(
    () => assert.fail("the node still serves"),
    (error: unknown) => error as CallError,
  );
  assert.equal(reason, "no_responders");
  await node.shutdown();
});

test("a node waits for its id, and stops registering after too many refusals of its key", async () => {
  await using all = await cluster();
  all.coordinator.fault = () =>
    all.coordinator.requests.length < 3 ? RegisterFault.workerIdInUse() : RegisterFault.invalidApiKey();
  await using node = await all.start({ apiKeyAttempts: 2 });
  await node.rejected();
  assert.equal(node.health.phase, "rejected");
  const count = all.coordinator.requests.length;
  await pause(150);
  assert.equal(all.coordinator.requests.length, count);
});

test("a node registers again after a restart of the server", async () => {
  await using nats = await NatsServer.start();
  await using connection = await connect({ servers: nats.url });
  await using other = await connect({ servers: nats.url });
  const coordinator = new Coordinator();
  await using _ = await serveCoordinator(other, coordinator);
  await using node = await WorkerNode.start(connection, options());
  await node.registered();
  await nats.kill();
  await until(() => node.health.phase === "joining");
  await nats.restart();
  await until(() => node.health.phase === "ready" && node.health.registrations > 1);
  const reply = await new WorkerClient(other).deploy(id, { name: "a", source: "" });
  assert.equal(reply.name, "a");
});

/** The users that `natsgen acl` writes, with the password `pw`. */
function permissions(): string {
  const file = new URL("../../../../tests/golden/acl/varpulis.conf", import.meta.url);
  return readFileSync(file, "utf8").replaceAll(/\$\w+_PASSWORD/g, "pw");
}

test("a node works with the permissions of natsgen acl, and ignores inboxes of other workers", async () => {
  await using nats = await NatsServer.start(permissions());
  const login = (user: string): { servers: string; user: string; pass: string; password: string } => ({
    servers: nats.url,
    user,
    pass: "pw",
    password: "pw",
  });
  await using shared = await connect(login("c1"));
  const coordinator = shared.identity(DEPLOY.definition.from, 1);
  await using _ = await serveCoordinator(coordinator, new Coordinator());
  let heartbeats = 0;
  const events = await coordinator.subscribe(HEARTBEAT, { worker_id: id });
  void (async () => {
    for await (const { params } of events) {
      heartbeats += params.worker_id === id ? 1 : 0;
    }
  })();

  await using connection = await connect(login("w0"));
  await using node = await WorkerNode.start(connection, options());
  await node.registered();
  await until(() => heartbeats > 0);
  assert.equal((await new WorkerClient(coordinator).deploy(id, { name: "a", source: "" })).name, "a");

  const [raw, other] = [await connectRaw(login("c1")), await connectRaw(login("w1"))];
  const replies = other.subscribe("_INBOX_worker.w1.x");
  await other.flush();
  for (const command of ["deploy", "drain"]) {
    raw.publish(`varpulis.cluster.cmd.w0.${command}`, '{"name":"b","source":""}', { reply: "_INBOX_worker.w1.x" });
  }
  await until(() => node.health.commands.ignored === 2);
  assert.equal(node.health.commands.answered, 1);
  await other.flush();
  assert.equal(replies.getReceived(), 0);
  await Promise.all([raw.close(), other.close()]);
});

test("a node keeps the inbox prefix of the options", async () => {
  const config = 'authorization { users: [{ user: w, password: pw, permissions: { subscribe: ["_OWN.>", "v.>"] } }] }';
  await using nats = await NatsServer.start(config);
  await using connection = await connect({
    servers: nats.url,
    user: "w",
    password: "pw",
    inboxPrefix: "_OWN",
    prefix: "v",
  });
  await using _ = await serveCoordinator(connection, new Coordinator());
  await using node = await WorkerNode.start(connection, options());
  await node.registered();
});

test("a saturated node says so in its heartbeats", async () => {
  await using all = await cluster();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const service: WorkerService = {
    ...engine,
    async deploy(context, request) {
      await released;
      return engine.deploy(context, request);
    },
  };
  await using node = await all.start({ service, serve: { concurrency: 1 } });
  await until(() => all.heartbeats.length > 0);
  assert.equal(all.heartbeats[0]?.saturated, undefined);
  const deploys = ["a", "b"].map((name) => all.workers.deploy(id, { name, source: "" }));
  await until(() => all.heartbeats.some(({ saturated }) => saturated === true));
  assert.equal(node.health.commands.saturation, "handlers");
  release();
  await Promise.all(deploys);
  assert.equal(node.health.commands.saturation, undefined);
});
