/** Messages that a server forwards although their headers or subjects are malformed. */

import assert from "node:assert/strict";
import { connect as connectSocket, type Socket } from "node:net";
import { test } from "node:test";

import { connect } from "natsgen-runtime/node";

import { DeskClient, DeskId, Echo, NEWS, serveDesk } from "./desk.js";
import { NatsServer } from "./nats_server.js";

const desk = DeskId("d1");
const NEWS_SUBJECT = "test.desk.news.d1";
const OK = "NATS/1.0\r\n\r\n";

/** The subject, the reply subject and the header of each message; a character is a byte. */
const malformed: Readonly<Record<string, readonly [string, string, string]>> = {
  "no version": [NEWS_SUBJECT, "", "garbage\r\n\r\n"],
  "no colon": [NEWS_SUBJECT, "", "NATS/1.0\r\nno colon\r\n\r\n"],
  "invalid name": [NEWS_SUBJECT, "", "NATS/1.0\r\na b: c\r\n\r\n"],
  "status below 100": [NEWS_SUBJECT, "", "NATS/1.0 99\r\n\r\n"],
  "status of letters": [NEWS_SUBJECT, "", "NATS/1.0 abc\r\n\r\n"],
  "header of other bytes": [NEWS_SUBJECT, "", "NATS/1.0\r\na: \xff\r\n\r\n"],
  "subject of other bytes": ["test.desk.news.\xff", "", OK],
  "reply subject of other bytes": [NEWS_SUBJECT, "_INBOX.\xff", OK],
  "request without a version": ["test.desk.d1.ask", "_INBOX.x", "garbage\r\n\r\n"],
  "request of other bytes": ["test.desk.d1.\xff", "_INBOX.\xff", "NATS/1.0\r\n\xff: \xff\r\n\r\n"],
};

/** A client that sends any bytes. */
async function rawClient(port: number): Promise<Socket> {
  const socket = connectSocket(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resume();
  socket.write('CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n');
  return socket;
}

test("a malformed message ends neither the connection nor its calls", async () => {
  await using nats = await NatsServer.start();
  await using connection = await connect({ servers: nats.url });
  await using _ = await serveDesk(connection, desk, new Echo());
  const client = new DeskClient(connection);
  const lost: string[] = [];
  connection.listen(({ type }) => lost.push(type));
  const numbers: number[] = [];
  const events = await connection.subscribe(NEWS);
  const reader = (async () => {
    for await (const { event } of events) {
      numbers.push(event.number);
    }
  })();
  const socket = await rawClient(nats.port);
  for (const [index, [name, [subject, reply, header]]] of Object.entries(malformed).entries()) {
    const running = client.ask(desk, { text: name, pause: 50 });
    const message = `HPUB ${subject} ${reply} ${header.length} ${header.length}\r\n${header}\r\n`;
    const valid = `PUB ${NEWS_SUBJECT} ${`{"number":${index}}`.length}\r\n{"number":${index}}\r\n`;
    socket.write(Buffer.from(message + valid, "latin1"));
    assert.deepEqual(await running, { text: `${name}!` });
  }
  socket.destroy();
  await connection.flush();
  await events.unsubscribe();
  await reader;
  assert.deepEqual(numbers, [...Object.keys(malformed).keys()]);
  assert.deepEqual(lost, []);
});
