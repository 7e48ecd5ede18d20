/** Nothing that a peer sends may raise anything but the typed errors. */

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  CallError,
  connectInProcess,
  decode,
  DecodeError,
  encode,
  Fault,
  Headers,
  MemoryBroker,
} from "natsgen-runtime";
import * as rt from "natsgen-runtime/generated";

import { Answer, DeskClient, DeskId, Echo, serveDesk } from "./desk.js";

const desk = DeskId("d1");
const encoder = new TextEncoder();

const texts = [
  "",
  "null",
  "[]",
  "7",
  '"error"',
  '{"error":5}',
  '{"error":{"a":1}}',
  '{"error":"x","code":5,"pointer":[]}',
  '{"error":"x","code":"__proto__"}',
  '{"error":"busy: later","code":"constructor"}',
  '{"text":1e400}',
  '{"text":"\\ud800"}',
  '{"\\udc00":1,"text":"x"}',
  '{"__proto__":{"text":"x"}}',
  '{"text":"x"} trailing',
  '\ufeff{"text":"x"}',
  '{"text":"x","mood":{"a":[]}}',
  "[".repeat(100_000),
  "[".repeat(100_000) + "]".repeat(100_000),
  '{"a":'.repeat(100_000) + '"\\ud800"' + "}".repeat(100_000),
  '{"stream":"S","seq":1}',
  '{"stream":"S","error":{"description":"full"}}',
];

const payloads = [...texts.map((text) => encoder.encode(text)), new Uint8Array([0x22, 0xff, 0x22]), new Uint8Array(64)];

test("hostile replies end calls with typed errors", async () => {
  const broker = new MemoryBroker();
  const peer = broker.connect();
  const client = new DeskClient(connectInProcess(broker));
  const reasons = new Map<string, string>();
  for (const [index, payload] of payloads.entries()) {
    for (const withHeader of [false, true]) {
      const subscription = peer.subscribe("test.desk.>", undefined, ({ reply = "" }) => {
        const headers = new Headers();
        if (withHeader) {
          headers.append("Nats-Service-Error-Code", "not a number\r\nX: y");
        }
        peer.publish({ subject: reply, headers, payload });
        peer.publish({ subject: `${reply}x`, headers, payload });
      });
      await assert.rejects(client.ask(desk, { text: "x" }), (error: unknown) => {
        assert.ok(error instanceof CallError || error instanceof Fault, `${texts[index] ?? index}: ${String(error)}`);
        reasons.set(`${index}`, error instanceof CallError ? error.reason : String(error.code));
        return true;
      });
      await subscription.unsubscribe();
    }
  }
  assert.deepEqual(await decodeAll(), []);
  assert.ok([...reasons.values()].includes("refused"));
});

/** The payloads that a codec accepts. */
async function decodeAll(): Promise<string[]> {
  const accepted = payloads.filter((payload) => {
    try {
      decode(Answer, payload);
      return true;
    } catch (error) {
      assert.ok(error instanceof DecodeError);
      return false;
    }
  });
  return accepted.map((payload) => new TextDecoder().decode(payload));
}

test("hostile requests are refused, and the server goes on", async () => {
  const broker = new MemoryBroker();
  const connection = connectInProcess(broker);
  await using _ = await serveDesk(connection, desk, new Echo());
  const peer = broker.connect();
  let replies = 0;
  peer.subscribe("_INBOX.hostile", undefined, () => (replies += 1));
  for (const payload of payloads) {
    for (const reply of ["_INBOX.hostile", "test.desk.d1.ask", undefined]) {
      const headers = new Headers();
      headers.append("Request-Timeout", "99999999999999999999999999");
      headers.append("Request-Id", "\u0000");
      const message = { subject: "test.desk.d1.ask", headers, payload };
      peer.publish(reply === undefined ? message : { ...message, reply });
    }
  }
  assert.deepEqual(await new DeskClient(connection).ask(desk, { text: "x" }), { text: "x!" });
  assert.equal(replies, payloads.length);
});

test("free-form values keep great integers, and refuse what JSON cannot say", () => {
  const read = (text: string): unknown => decode(rt.any, encoder.encode(text));
  const write = (value: unknown): string => new TextDecoder().decode(encode(rt.any, value as rt.Json));
  const exact = '{"a":[12345678901234567890,0.1234567890123456789,"1234567890123456789"]}';
  assert.deepEqual(read(exact), { a: [12345678901234567890n, 0.12345678901234568, "1234567890123456789"] });
  assert.equal(write(read(exact)), '{"a":[12345678901234567890,0.12345678901234568,"1234567890123456789"]}');
  const own = write(JSON.parse('{"__proto__":1}') as unknown);
  assert.equal(own, '{"__proto__":1}');
  for (const value of [NaN, Infinity, undefined, () => 1, new Date(), "\ud800", { "\ud800": 1 }, [undefined]]) {
    assert.throws(() => write(value), { name: "EncodeError" });
  }
  const cycle: unknown[] = [];
  cycle.push(cycle);
  assert.throws(() => write(cycle), { name: "EncodeError" });
  assert.throws(() => read(`{"a":[1e400]}`), { name: "DecodeError", pointer: "" });
});

test("secrets do not show in texts", () => {
  const Key = rt.secretType("Key", { min: 3 });
  const key = Key("hunter2");
  assert.equal(`${String(key)} ${JSON.stringify({ key })}`, '*** {"key":"***"}');
  assert.equal(new TextDecoder().decode(encode(Key, key)), '"hunter2"');
  assert.throws(
    () => Key("x"),
    (error: unknown) => !String(error).includes("x "),
  );
});
