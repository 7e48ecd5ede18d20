/** Servers that refuse a request for now, and name the time of the next attempt. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  CallError,
  connectInProcess,
  type Connection,
  type Context,
  Fault,
  Headers,
  MemoryBroker,
} from "natsgen-runtime";
import { connect } from "natsgen-runtime/node";

import { type Answer, AskFault, DeskClient, DeskId, Echo, type Question, serveDesk } from "./desk.js";
import { NatsServer } from "./nats_server.js";

const desk = DeskId("d1");
const PAUSE = 300;
const LONGEST = 2 ** 32 - 1;

/** A service that refuses its first question. */
class Busy extends Echo {
  private readonly hint: number;
  private readonly error: Error;

  constructor(hint: number, error: Error) {
    super();
    this.hint = hint;
    this.error = error;
  }

  override async ask(context: Context, request: Question): Promise<Answer> {
    if (this.executed.push(request.text) === 1) {
      context.retryAfter(this.hint);
      throw this.error;
    }
    return { text: "at last" };
  }
}

/** The retry hint of a failed call. */
async function hintOf(call: Promise<unknown>): Promise<number | undefined> {
  const error: unknown = await call.then(
    () => assert.fail("the call succeeds"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CallError || error instanceof Fault, String(error));
  assert.equal(error.retryable, error.retryAfter !== undefined);
  return error.retryAfter;
}

async function overBoth(run: (caller: Connection, served: Connection) => Promise<void>): Promise<void> {
  const broker = new MemoryBroker();
  await run(connectInProcess(broker), connectInProcess(broker));
  await using nats = await NatsServer.start();
  await using caller = await connect({ servers: nats.url });
  await using served = await connect({ servers: nats.url });
  await run(caller, served);
}

test("a retry hint reaches the caller with a declared error", async () => {
  const cases: readonly [number, Error, number | undefined][] = [
    [PAUSE, AskFault.busy("later"), PAUSE],
    [0.1, AskFault.closed(), 1],
    [1.5, AskFault.closed(), 2],
    [Infinity, AskFault.closed(), LONGEST],
    [PAUSE, new TypeError("a bug"), undefined],
  ];
  await overBoth(async (caller, served) => {
    for (const [hint, error, expected] of cases) {
      await using _ = await serveDesk(served, desk, new Busy(hint, error), { onError: () => undefined });
      assert.equal(await hintOf(new DeskClient(caller).ask(desk, { text: "x" })), expected);
    }
  });
});

test("a retry waits for the hint, also with deduplication", async () => {
  await overBoth(async (caller, served) => {
    for (const deduplicate of [false, true]) {
      await using _ = await serveDesk(served, desk, new Busy(PAUSE, AskFault.closed()), { deduplicate });
      const client = new DeskClient(caller, { retry: { attempts: 2, firstPause: 1, longestPause: 1 } });
      const started = performance.now();
      assert.deepEqual(await client.ask(desk, { text: "x" }), { text: "at last" });
      // Timers of Node may be 1 ms early.
      assert.ok(performance.now() - started >= PAUSE - 1);
    }
  });
});

test("a retry hint beyond the deadline ends the call at once", async () => {
  const connection = connectInProcess();
  await using _ = await serveDesk(connection, desk, new Busy(60_000, AskFault.closed()));
  const client = new DeskClient(connection, { retry: { attempts: 2 } });
  assert.equal(await hintOf(client.ask(desk, { text: "x" })), 60_000);
});

test("a retry hint of any peer is read from errors, if it is an integer of 64 bits", async () => {
  const body = '{"error":"closed","code":"closed"}';
  const cases: readonly [string, string, number | undefined][] = [
    ["1500", body, 1_500],
    ["007", body, 7],
    ["0", body, 1],
    ["18446744073709551615", body, LONGEST],
    ["18446744073709551616", body, undefined],
    ["-1", body, undefined],
    ["1.5", body, undefined],
    ["1 s", body, undefined],
    ["", body, undefined],
    ["5", '{"error":"something"}', 5],
  ];
  for (const [header, text, expected] of cases) {
    const broker = new MemoryBroker();
    const peer = broker.connect();
    peer.subscribe("test.desk.>", undefined, ({ reply = "" }) => {
      const headers = new Headers();
      headers.append("retry-after-ms", header);
      peer.publish({ subject: reply, headers, payload: new TextEncoder().encode(text) });
    });
    const client = new DeskClient(connectInProcess(broker));
    assert.equal(await hintOf(client.ask(desk, { text: "x" })), expected, header);
  }
});

test("an unknown outcome stays unknown after a hint, and the call is repeated", async () => {
  const broker = new MemoryBroker();
  const peer = broker.connect();
  let requests = 0;
  peer.subscribe("test.desk.>", undefined, ({ reply = "" }) => {
    requests += 1;
    if (requests > 1) {
      const headers = new Headers();
      headers.append("Retry-After-Ms", "5");
      peer.publish({ subject: reply, headers, payload: new TextEncoder().encode('{"error":"closed"}') });
    }
  });
  const retry = { attempts: 3, firstPause: 1, attemptTimeout: 50 };
  await assert.rejects(new DeskClient(connectInProcess(broker)).look(desk, { text: "x" }, { retry }), (error) => {
    assert.ok(error instanceof CallError);
    assert.deepEqual([error.phase, error.retryAfter, requests], ["no_answer", 5, 3]);
    return true;
  });
});
