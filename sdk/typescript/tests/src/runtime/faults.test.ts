import assert from "node:assert/strict";
import { test } from "node:test";

import { CallError, type Connection, PublishFailure, SubscribeError } from "natsgen-runtime";
import { connect } from "natsgen-runtime/node";

import { DeskClient, DeskId, Echo, NEWS, serveDesk } from "./desk.js";
import { NatsServer } from "./nats_server.js";

const desk = DeskId("d1");

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let attempt = 0; !isTrue(); attempt++) {
    assert.ok(attempt < 1_000, "the condition does not become true");
    await pause(10);
  }
}

/** The outcome of a call: `ok`, or phase and reason of its failure. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    assert.ok(error instanceof CallError, String(error));
    return `${error.phase} ${error.reason}`;
  }
}

function count(outcomes: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(outcomes, (text) => text)].map(([text, all]) => [text, all.length]));
}

async function reconnected(...connections: readonly Connection[]): Promise<void> {
  await until(() => connections.every(({ isConnected }) => isConnected));
  await Promise.all(connections.map((connection) => connection.flush()));
}

test("kill -9 with 1,000 calls in flight: all end within 1 s as unknown, and calls work after a restart", async () => {
  await using nats = await NatsServer.start();
  await using caller = await connect({ servers: nats.url });
  await using served = await connect({ servers: nats.url });
  const service = new Echo();
  await using server = await serveDesk(served, desk, service);
  const client = new DeskClient(caller);
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    outcome(client.ask(desk, { text: String(index), pause: 5_000 }, { timeout: 60_000 })),
  );
  await until(() => service.executed.length === 1_000);
  let disconnected = Infinity;
  caller.listen(({ type }) => {
    disconnected = type === "disconnected" ? performance.now() : disconnected;
  });
  await nats.kill();
  const outcomes = await Promise.all(calls);
  const elapsed = performance.now() - disconnected;
  assert.deepEqual(count(outcomes), { "no_answer disconnected": 1_000 });
  assert.ok(elapsed < 1_000, `${String(elapsed)} ms`);
  assert.equal(caller.pendingRequests, 0);

  assert.equal(await outcome(client.ask(desk, { text: "down" })), "not_sent disconnected");
  await assert.rejects(client.news(desk, { number: 1 }), PublishFailure);
  await nats.restart();
  await reconnected(caller, served);
  assert.deepEqual(await client.ask(desk, { text: "again" }), { text: "again!" });
  assert.equal(new Set(service.executed).size, service.executed.length);
  await server.shutdown(0);
});

test("retries carry an idempotent call over a restart", async () => {
  await using nats = await NatsServer.start();
  await using caller = await connect({ servers: nats.url });
  await using served = await connect({ servers: nats.url });
  await using _ = await serveDesk(served, desk, new Echo());
  const client = new DeskClient(caller, { retry: { attempts: 100, longestPause: 200 }, timeout: 20_000 });
  assert.equal(await outcome(client.look(desk, { text: "warm" })), "ok");
  const calls = Array.from({ length: 50 }, () => outcome(client.look(desk, { text: "x", pause: 100 })));
  await nats.kill();
  await nats.restart();
  assert.deepEqual(count(await Promise.all(calls)), { ok: 50 });
});

test("a stalled server: calls end at their deadline, and the connection recovers", async () => {
  await using nats = await NatsServer.start();
  await using connection = await connect({ servers: nats.url });
  await using _ = await serveDesk(connection, desk, new Echo());
  const client = new DeskClient(connection);
  assert.equal(await outcome(client.ask(desk, { text: "warm" })), "ok");
  nats.signal("SIGSTOP");
  const calls = Array.from({ length: 100 }, () => outcome(client.ask(desk, { text: "x" }, { timeout: 200 })));
  assert.deepEqual(count(await Promise.all(calls)), { "no_answer timed_out": 100 });
  nats.signal("SIGCONT");
  assert.equal(await outcome(client.ask(desk, { text: "x" })), "ok");
});

const PERMISSIONS = `
authorization {
  users: [
    { user: all, password: pw }
    { user: mute, password: pw, permissions: { publish: ["_INBOX.>", "test.desk.d1.ask"], subscribe: ["_INBOX.>"] } }
    { user: deaf, password: pw, permissions: { subscribe: { deny: [">"] } } }
    { user: own, password: pw, permissions: { subscribe: ["_INBOX_own.>"] } }
  ]
}`;

test("permissions: denied calls and subscriptions fail at once", async () => {
  await using nats = await NatsServer.start(PERMISSIONS);
  const open = (user: string, inboxPrefix?: string): Promise<Connection> =>
    connect({ servers: nats.url, user, password: "pw", ...(inboxPrefix === undefined ? {} : { inboxPrefix }) });
  await using served = await open("all");
  await using _ = await serveDesk(served, desk, new Echo());

  await using mute = await open("mute");
  const client = new DeskClient(mute);
  const started = performance.now();
  assert.equal(await outcome(client.ask(desk, { text: "x" })), "ok");
  assert.equal(await outcome(client.look(desk, { text: "x" })), "not_sent denied");
  const many = Array.from({ length: 10 }, () => outcome(client.look(desk, { text: "x" })));
  assert.deepEqual(count(await Promise.all(many)), { "not_sent denied": 10 });
  await assert.rejects(mute.subscribe(NEWS), SubscribeError);
  await assert.rejects(serveDesk(mute, DeskId("d2"), new Echo()), SubscribeError);

  await using deaf = await open("deaf");
  assert.equal(await outcome(new DeskClient(deaf).ask(desk, { text: "x" })), "not_sent denied");
  await using own = await open("own", "_INBOX_own");
  assert.equal(await outcome(new DeskClient(own).ask(desk, { text: "x" })), "ok");
  assert.ok(performance.now() - started < 20_000);
  await assert.rejects(connect({ servers: nats.url, user: "all", password: "wrong", wait: 5_000 }));
});

test("a slow consumer loses events beyond its buffer, and hears of it", async () => {
  await using nats = await NatsServer.start();
  await using connection = await connect({ servers: nats.url });
  let lost = 0;
  const options = { maxMessages: 100, onLost: () => (lost += 1) };
  const events = await connection.subscribe(NEWS, {}, options);
  const client = new DeskClient(connection);
  for (let number = 0; number < 1_000; number++) {
    await client.news(desk, { number });
  }
  await connection.flush();
  assert.equal(lost, 900);
  await events.unsubscribe();
  const numbers: number[] = [];
  for await (const { event } of events) {
    numbers.push(event.number);
  }
  assert.deepEqual(numbers, [...Array(100).keys()]);
});

test("a drain under load: no acknowledged call is lost, and none is executed twice", async () => {
  await using nats = await NatsServer.start();
  await using caller = await connect({ servers: nats.url });
  await using served = await connect({ servers: nats.url });
  const service = new Echo();
  const server = await serveDesk(served, desk, service);
  const client = new DeskClient(caller);
  const calls: Promise<string>[] = [];
  const load = setInterval(() => {
    for (let each = 0; each < 20; each++) {
      calls.push(outcome(client.ask(desk, { text: String(calls.length), pause: 20 })));
    }
  }, 2);
  await pause(300);
  const stats = await server.shutdown();
  await pause(50);
  clearInterval(load);
  const counts = count(await Promise.all(calls));
  assert.deepEqual(Object.keys(counts).sort(), ["not_sent no_responders", "ok"]);
  assert.equal(counts["ok"], service.executed.length);
  assert.equal(counts["ok"], stats.answered);
  assert.equal(new Set(service.executed).size, service.executed.length);
});
