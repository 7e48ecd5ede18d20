import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { CallError, connectInProcess, Headers, MemoryBroker } from "natsgen-runtime";
import * as rt from "natsgen-runtime/generated";
import { connect } from "natsgen-runtime/node";

import * as jetstream from "../generated/jetstream/index.js";
import { Answer, DeskId, Question } from "./desk.js";
import { NatsServer } from "./nats_server.js";

const GONE: rt.ErrorKind = { code: "gone", status: 404, text: "gone", hasDetail: false };
const FULL: rt.ErrorKind = { code: "full", status: 429, text: "full: ", hasDetail: true };

class WorkFault extends rt.Fault<"full" | "gone"> {}

const NESTED: rt.ErrorForm = {
  text: "/error/description",
  code: "/error/err_code",
  status: "/error/code",
  codes: [
    ["gone", 10059],
    ["full", 10047],
  ],
};
const FLAG: rt.ErrorForm = { text: "/message", code: "/errors/0/id", when: [["/ok", "false"]] };
const ZERO: rt.ErrorForm = { text: "/reason", code: "/code", unless: [["/code", "0"]] };
const HEADERS: rt.ErrorForm = { codes: [["gone", "G1"]] };

const desk = DeskId("d1");

/** An operation of a protocol with this form of errors. */
function operation(errorForm: rt.ErrorForm): rt.Request<{ desk: DeskId }, Question, Answer> {
  return rt.request("work", () => ({
    subject: "{desk}.work",
    params: { desk: DeskId },
    from: "visitor",
    roles: ["desk", "visitor"],
    request: Question,
    reply: Answer,
    fault: WorkFault,
    errors: [GONE, FULL],
    catalogue: [GONE, FULL],
    errorForm,
    timeout: 10_000,
  }));
}

class Client extends rt.Client {
  async outcome(form: rt.ErrorForm): Promise<string> {
    try {
      return `ok ${(await this.call(operation(form), { desk }, { text: "x" })).text}`;
    } catch (error) {
      if (error instanceof WorkFault) {
        return `fault ${error.code} ${error.detail}`;
      }
      assert.ok(error instanceof CallError, String(error));
      return `${error.phase} ${String(error.code)} ${error.message}`;
    }
  }
}

test("an error of a foreign server is a typed fault, or keeps code and text", async () => {
  const broker = new MemoryBroker();
  const peer = broker.connect();
  let payload = "";
  peer.subscribe("test.d1.work", undefined, ({ reply }) => {
    const message = { headers: new Headers(), payload: new TextEncoder().encode(payload) };
    peer.publish({ subject: reply ?? "", ...message });
  });
  const client = new Client(connectInProcess(broker), "test", {});
  for (const [form, reply, expected] of [
    [NESTED, '{"error":{"err_code":10059,"description":"no such thing"}}', /^fault gone $/],
    [NESTED, '{"text":"a","error":{"err_code":10047,"description":"full: disk"}}', /^fault full disk$/],
    [NESTED, '{"error":{"err_code":503,"description":"overloaded"}}', /^refused 503 .*overloaded/],
    [NESTED, '{"text":"a","error":null}', /^ok a$/],
    [NESTED, "[]", /^unreadable/],
    [FLAG, '{"ok":false,"message":"x","errors":[{"id":"gone"}]}', /^fault gone $/],
    [FLAG, '{"ok":false,"message":"gone"}', /^fault gone $/],
    [FLAG, '{"ok":false}', /^refused undefined/],
    [FLAG, '{"ok":true,"message":"done","text":"a"}', /^ok a$/],
    [ZERO, '{"code":0,"text":"a"}', /^ok a$/],
    [ZERO, '{"code":5,"reason":"no"}', /^refused 5 .*no/],
    [HEADERS, '{"text":"a","error":"x"}', /^ok a$/],
  ] as const) {
    payload = reply;
    assert.match(await client.outcome(form), expected, reply);
  }
});

test("a server writes errors in the form of its protocol, and its caller reads them", async () => {
  for (const [form, body, code] of [
    [NESTED, '{"error":{"description":"gone","err_code":10059,"code":404}}', "404"],
    [FLAG, '{"ok":false,"message":"gone","errors":[{"id":"gone"}]}', "404"],
    [ZERO, '{"reason":"gone","code":"gone"}', "404"],
    [HEADERS, "", "G1"],
  ] as const) {
    const broker = new MemoryBroker();
    const seen: string[] = [];
    broker.connect().subscribe(">", undefined, ({ reply, headers, payload }) => {
      if (reply === undefined) {
        seen.push(`${String(headers.get("Nats-Service-Error-Code"))} ${new TextDecoder().decode(payload)}`);
      }
    });
    let error: Error = new WorkFault(GONE);
    await using server = await rt.serve(
      connectInProcess(broker),
      { onError: () => undefined },
      {
        prefix: "test",
        listen: [{ pattern: "{desk}.>" }],
        instance: { desk },
        routes: [
          rt.route(operation(form), () => {
            throw error;
          }),
        ],
      },
    );
    const client = new Client(connectInProcess(broker), "test", {});
    assert.equal(await client.outcome(form), "fault gone ");
    assert.deepEqual(seen, [`${code} ${body}`]);
    error = new TypeError("a secret of the server");
    assert.match(await client.outcome(form), /^refused internal/);
    await server.shutdown();
  }
});

test("streams of a real server are managed with typed errors", async () => {
  const folder = await mkdtemp(join(tmpdir(), "natsgen-streams-"));
  after(() => rm(folder, { recursive: true }));
  await using nats = await NatsServer.start(`jetstream {store_dir: "${folder}"}`);
  await using connection = await connect({ servers: nats.url });
  const client = new jetstream.JetstreamClient(connection);
  const name = jetstream.StreamName("ORDERS");
  await assert.rejects(client.streamInfo(name, {}), (error) => {
    return error instanceof jetstream.StreamInfoFault && error.detail === "";
  });
  const config = { name, storage: "memory", subjects: ["orders.>"] } as const;
  const created = await client.streamCreate(name, config);
  assert.equal(created.config.name, "ORDERS");
  assert.deepEqual((await client.streamNames({})).streams, ["ORDERS"]);
});
