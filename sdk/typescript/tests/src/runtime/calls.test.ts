import assert from "node:assert/strict";
import { after, describe, test } from "node:test";

import {
  CallError,
  connectInProcess,
  type Connection,
  Headers,
  MemoryBroker,
  type Observer,
  type ServeOptions,
} from "natsgen-runtime";
import { connect } from "natsgen-runtime/node";
import { connect as connectWeb } from "natsgen-runtime/web";

import { AskFault, DeskClient, DeskId, type DeskService, Echo, NEWS, serveDesk } from "./desk.js";
import { NatsServer } from "./nats_server.js";

const desk = DeskId("d1");

interface Peers extends AsyncDisposable {
  readonly client: DeskClient;
  readonly caller: Connection;
  readonly served: Connection;
}

const nats = await NatsServer.start("websocket { port: PORT, no_tls: true }");
after(async () => {
  await nats[Symbol.asyncDispose]();
});

async function peers(open: () => Promise<Connection>): Promise<Peers> {
  const [caller, served] = [await open(), await open()];
  const close = async (): Promise<void> => {
    await caller.close();
    await served.close();
  };
  return { client: new DeskClient(caller), caller, served, [Symbol.asyncDispose]: close };
}

function failure(expected: Partial<CallError>): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof CallError, String(error));
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(error[key as keyof CallError], value, `${key} of ${error.message}`);
    }
    return true;
  };
}

function suite(transport: string, open: () => Promise<Connection>): void {
  const withServer = (
    name: string,
    run: (peers: Peers, service: Echo) => Promise<void>,
    options: ServeOptions = {},
  ): void => {
    test(`${transport}: ${name}`, async () => {
      await using pair = await peers(open);
      const service = new Echo();
      await using server = await serveDesk(pair.served, desk, service, { onError: () => undefined, ...options });
      await run(pair, service);
      assert.equal(pair.caller.pendingRequests, 0);
      await server.shutdown();
    });
  };

  withServer("a call returns the reply", async ({ client }) => {
    assert.deepEqual(await client.ask(desk, { text: "hello" }), { text: "hello!" });
    assert.deepEqual(
      await client.ask(desk, { text: "newer" }).catch((error: unknown) => (error as CallError).code),
      "internal",
    );
  });

  withServer("declared errors are thrown as their class", async ({ client }) => {
    await assert.rejects(client.ask(desk, { text: "busy" }), (error: unknown) => {
      assert.ok(error instanceof AskFault);
      assert.deepEqual([error.code, error.detail, error.status, error.retryable], ["busy", "later", 429, false]);
      return true;
    });
    await assert.rejects(client.ask(desk, { text: "closed" }), AskFault);
  });

  withServer("errors of handlers become internal, without details", async ({ client }) => {
    for (const text of ["bug", "invalid"]) {
      const expected = { phase: "refused", code: "internal", retryable: false } as const;
      await assert.rejects(client.ask(desk, { text }), (error: unknown) => {
        failure(expected)(error);
        assert.ok(!String(error).includes("secret"));
        return true;
      });
    }
  });

  withServer("an invalid request is not sent", async ({ client }, service) => {
    const request = { text: "x", pause: -1 };
    await assert.rejects(
      client.ask(desk, request),
      failure({ phase: "not_sent", reason: "invalid", pointer: "/pause" }),
    );
    await assert.rejects(client.ask("a.b" as DeskId, { text: "x" }), failure({ phase: "not_sent", reason: "invalid" }));
    assert.deepEqual(service.executed, []);
  });

  withServer("a call without a server fails at once, retryable", async ({ client }) => {
    const expected = { phase: "not_sent", reason: "no_responders", retryable: true } as const;
    await assert.rejects(client.ask(DeskId("nobody"), { text: "x" }), failure(expected));
  });

  withServer("a call ends at its deadline, and the server drops an expired request", async ({ client }, service) => {
    const slow = client.ask(desk, { text: "slow", pause: 300, topic: "t" });
    const late = client.ask(desk, { text: "late", topic: "t" }, { timeout: 50 });
    await assert.rejects(late, failure({ phase: "no_answer", reason: "timed_out", retryable: false }));
    assert.deepEqual(await slow, { text: "slow!" });
    await client.ask(desk, { text: "last", topic: "t" });
    assert.deepEqual(service.executed, ["slow", "last"]);
  });

  withServer("a call is cancelled by its signal", async ({ client }) => {
    const controller = new AbortController();
    const call = client.ask(desk, { text: "x", pause: 200 }, { signal: controller.signal });
    setTimeout(() => {
      controller.abort();
    }, 20);
    await assert.rejects(call, failure({ phase: "no_answer", reason: "cancelled", retryable: false }));
    const aborted = client.ask(desk, { text: "x" }, { signal: AbortSignal.abort() });
    await assert.rejects(aborted, failure({ phase: "not_sent", reason: "cancelled" }));
    assert.deepEqual(await client.ask(desk, { text: "next" }), { text: "next!" });
  });

  withServer("1,000 calls run side by side", async ({ client }) => {
    const calls = Array.from({ length: 1_000 }, (_, index) => client.ask(desk, { text: String(index) }));
    const replies = await Promise.all(calls);
    assert.deepEqual(
      replies.map(({ text }) => text),
      calls.map((_, index) => `${String(index)}!`),
    );
  });

  withServer(
    "requests with an ordering key run in order, and control requests overtake",
    async ({ client }, service) => {
      const first = client.ask(desk, { text: "1", pause: 3_000, topic: "t" });
      const second = client.ask(desk, { text: "2", topic: "t" });
      const other = client.ask(desk, { text: "other", topic: "u" });
      const ends = [first, second].map((call) => call.catch((error: unknown) => (error as CallError).code));
      assert.deepEqual(await other, { text: "other!" });
      assert.deepEqual(await client.stop(desk, { text: "t", topic: "t" }), { text: "stopped" });
      assert.deepEqual(await Promise.all(ends), ["aborted", "cancelled"]);
      assert.deepEqual(service.executed, ["1", "other", "stop t"]);
    },
    { grace: 50 },
  );

  withServer(
    "a full queue refuses requests as overloaded",
    async ({ client }) => {
      const calls = Array.from({ length: 4 }, () => client.ask(desk, { text: "x", pause: 1_000 }));
      const ends = await Promise.allSettled(calls);
      const refused = ends.filter((end) => end.status === "rejected").map((end) => end.reason as CallError);
      assert.deepEqual(
        refused.map(({ code, retryable }) => [code, retryable]),
        [["overloaded", true]],
      );
    },
    { concurrency: 2, queue: 1 },
  );

  withServer(
    "idempotent requests are retried",
    async ({ client }) => {
      const retry = { attempts: 20, firstPause: 5 };
      const calls = Array.from({ length: 4 }, () => client.look(desk, { text: "x", pause: 50 }, { retry }));
      assert.deepEqual(
        await Promise.all(calls),
        calls.map(() => ({ text: "x!" })),
      );
    },
    { concurrency: 1, queue: 1 },
  );

  withServer(
    "a repeated request id is executed once",
    async ({ client }, service) => {
      const options = { requestId: "r1" };
      const calls = Array.from({ length: 3 }, () => client.ask(desk, { text: "x", pause: 30 }, options));
      assert.deepEqual(
        await Promise.all(calls),
        calls.map(() => ({ text: "x!" })),
      );
      assert.deepEqual(await client.ask(desk, { text: "x", pause: 30 }, options), { text: "x!" });
      assert.deepEqual(service.executed, ["x"]);
    },
    { deduplicate: true },
  );

  withServer("a message beyond the limit is refused", async ({ client }) => {
    const text = "x".repeat(1_500_000);
    await assert.rejects(client.ask(desk, { text }), failure({ phase: "not_sent", reason: "too_large" }));
    await assert.rejects(client.ask(desk, { text: "large" }), failure({ phase: "refused", code: "reply_too_large" }));
  });

  withServer("a shutdown executes the requests that have arrived", async ({ client, served }) => {
    const server = await serveDesk(served, DeskId("d2"), new Echo());
    const calls = Array.from({ length: 100 }, () => client.ask(DeskId("d2"), { text: "x", pause: 50 }));
    while (server.stats.received < calls.length) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const stats = await server.shutdown();
    assert.deepEqual(
      await Promise.all(calls),
      calls.map(() => ({ text: "x!" })),
    );
    assert.deepEqual([stats.answered, stats.running, stats.waiting], [100, 0, 0]);
    await assert.rejects(client.ask(DeskId("d2"), { text: "x" }), failure({ reason: "no_responders" }));
  });

  withServer("events arrive in order, and a subscription ends by its signal", async ({ client, served }) => {
    const controller = new AbortController();
    const unreadable: string[] = [];
    const options = {
      signal: controller.signal,
      onUnreadable: ({ pointer }: { pointer: string }) => unreadable.push(pointer),
    };
    const events = await served.subscribe(NEWS, { desk }, options);
    await client.news(DeskId("d9"), { number: 1 });
    for (let number = 0; number < 1_000; number++) {
      await client.news(desk, { number });
    }
    const numbers: number[] = [];
    for await (const { params, event } of events) {
      assert.equal(params.desk, desk);
      numbers.push(event.number);
      if (numbers.length === 1_000) {
        controller.abort();
      }
    }
    assert.deepEqual(numbers, [...Array(1_000).keys()]);
    assert.deepEqual(unreadable, []);
  });

  withServer("a raw peer gets errors with headers and body", async ({ caller }) => {
    const ask = async (subject: string, payload: string): Promise<unknown[]> => {
      const message = { subject, headers: new Headers(), payload: new TextEncoder().encode(payload) };
      const outcome = await caller.request(message, performance.now() + 2_000, undefined);
      assert.equal(outcome.type, "message");
      const { headers, payload: body } = (outcome as { message: { headers: Headers; payload: Uint8Array } }).message;
      return [headers.get("nats-service-error-code"), JSON.parse(new TextDecoder().decode(body)) as unknown];
    };
    assert.deepEqual(await ask("test.desk.d1.ask", "{}"), [
      "400",
      { error: "bad request: expected a member `text`", code: "bad_request", pointer: "" },
    ]);
    const unknown = { error: "unknown command: nothing.here", code: "unknown_command" };
    assert.deepEqual(await ask("test.desk.d1.nothing.here", "{}"), ["404", unknown]);
    assert.deepEqual(await ask("test.desk.d1.ask", '{"text":'), [
      "400",
      { error: "bad request: expected JSON", code: "bad_request", pointer: "" },
    ]);
  });
}

const broker = new MemoryBroker();
describe("in-process", () => {
  suite("in-process", async () => connectInProcess(broker));
});
describe("nats-server", () => {
  suite("tcp", async () => connect({ servers: nats.url }));
});
describe("websocket", () => {
  suite("websocket", async () => connectWeb({ servers: nats.webUrl }));
});

test("an observer sees calls, and carries the trace context to the server", async () => {
  const seen: unknown[] = [];
  const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const observer: Observer = {
    traceparent: () => trace,
    callEnded: ({ operation, error }) => seen.push([operation, error === undefined]),
    eventPublished: ({ event }) => seen.push(event),
    requestServed: ({ operation, traceparent, isError }) => seen.push([operation, traceparent, isError]),
  };
  const connection = connectInProcess(undefined, { observer, prefix: "other.prefix" });
  const service: DeskService = new Echo();
  await using server = await serveDesk(connection, desk, service);
  const client = new DeskClient(connection);
  await client.ask(desk, { text: "x" });
  await client.news(desk, { number: 1 });
  await server.shutdown();
  assert.deepEqual(seen, [["ask", trace, false], ["ask", true], "news"]);
});

test("a server answers only inboxes of callers", async () => {
  const broker = new MemoryBroker();
  await using server = await serveDesk(connectInProcess(broker), desk, new Echo());
  const peer = broker.connect();
  const replies: string[] = [];
  peer.subscribe(">", undefined, ({ subject, reply }) => {
    if (reply === undefined) {
      replies.push(subject);
    }
  });
  const payload = new TextEncoder().encode('{"text":"x"}');
  const callers = ["_INBOX_visitor.v1.x", "_INBOX_other.x"];
  for (const reply of ["_INBOX_desk.d2.x", "_GR_.a.b._INBOX_desk.d2.x", ...callers]) {
    for (const command of ["ask", "none"]) {
      peer.publish({ subject: `test.desk.d1.${command}`, reply, headers: new Headers(), payload });
    }
  }
  await server.shutdown();
  assert.deepEqual(replies.sort(), [...callers, ...callers].sort());
  assert.equal(server.stats.ignored, 4);
});

test("handles with different identities share a connection, and each uses its own inbox", async () => {
  const broker = new MemoryBroker();
  const connection = connectInProcess(broker);
  await using _ = await serveDesk(connectInProcess(broker), desk, new Echo());
  const replies: string[] = [];
  broker.connect().subscribe(">", undefined, ({ subject, reply }) => {
    if (reply === undefined) {
      replies.push(subject);
    }
  });
  const visitor = connection.identity("visitor", "v1");
  assert.deepEqual(await new DeskClient(visitor).ask(desk, { text: "x" }), { text: "x!" });
  const other = new DeskClient(connection.identity("desk", 2), { timeout: 50 });
  await assert.rejects(other.ask(desk, { text: "x" }), failure({ reason: "timed_out" }));
  assert.deepEqual(await new DeskClient(connection).ask(desk, { text: "x" }), { text: "x!" });
  assert.deepEqual(
    replies.map((subject) => subject.replace(/\.[^.]*\.[^.]*$/, "")),
    ["_INBOX_visitor.v1", "_INBOX"],
  );
  assert.throws(() => connection.identity("visitor", "a b"), { name: "SubjectError" });
});

test("a server is saturated while its queue or its bytes are almost taken", async () => {
  for (const [saturation, count, length, options] of [
    ["queue", 8, 1, { concurrency: 1, queue: 8 }],
    ["bytes", 2, 4_500, { bytes: 10_000 }],
  ] as const) {
    const connection = connectInProcess();
    await using server = await serveDesk(connection, desk, new Echo(), options);
    const client = new DeskClient(connection);
    const text = "x".repeat(length);
    const calls = Array.from({ length: count }, () => client.ask(desk, { text, pause: 5 }));
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(server.stats.saturation, saturation);
    await Promise.all(calls);
    assert.equal(server.stats.saturation, undefined);
  }
});
