import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { nkeys } from "@nats-io/nats-core";
import { connect, type NodeConnectOptions } from "natsgen-runtime/node";

import { DeskClient, DeskId, Echo, serveDesk } from "./desk.js";
import { NatsServer } from "./nats_server.js";

type KeyPair = ReturnType<typeof nkeys.createUser>;

const desk = DeskId("d1");
const decoder = new TextDecoder();

/** Makes a call with the right options, and fails to connect with the wrong options. */
async function check(config: string, right: NodeConnectOptions, wrong: NodeConnectOptions): Promise<void> {
  await using nats = await NatsServer.start(config);
  const servers = right.tls === undefined ? nats.url : nats.url.replace("nats:", "tls:");
  await using connection = await connect({ servers, ...right });
  await using _ = await serveDesk(connection, desk, new Echo());
  assert.deepEqual(await new DeskClient(connection).ask(desk, { text: "x" }), { text: "x!" });
  await assert.rejects(connect({ servers, ...wrong }));
}

test("a token", async () => {
  await check("authorization { token: secret }", { token: "secret" }, { token: "other" });
});

test("a user with a password", async () => {
  const config = "authorization { users: [{ user: u, password: p }] }";
  await check(config, { user: "u", password: "p" }, { user: "u", password: "q" });
});

test("an nkey", async () => {
  const [user, other] = [nkeys.createUser(), nkeys.createUser()];
  const config = `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`;
  await check(config, { nkey: decoder.decode(user.getSeed()) }, { nkey: decoder.decode(other.getSeed()) });
});

test("TLS with a certificate of the client", async () => {
  const folder = mkdtempSync(join(tmpdir(), "natsgen-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  const files = ["-keyout", key, "-out", cert, "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, ...files], { stdio: "pipe" });
  const config = `tls { cert_file: "${cert}", key_file: "${key}", ca_file: "${cert}", verify: true }`;
  const tls = { caFile: cert, certFile: cert, keyFile: key };
  await check(config, { tls }, { tls: { caFile: cert } });
  rmSync(folder, { recursive: true });
});

/** Writes a credentials file for a user. */
function credentials(folder: string, token: string, user: KeyPair): string {
  const part = (name: string, text: string): string => `-----BEGIN ${name}-----\n${text}\n------END ${name}------\n`;
  const path = join(folder, user.getPublicKey());
  const seed = decoder.decode(user.getSeed());
  writeFileSync(path, part("NATS USER JWT", token) + part("USER NKEY SEED", seed));
  return path;
}

test("a credentials file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "natsgen-"));
  const file = (user: KeyPair): string => credentials(folder, "eyJ0eXAiOiJKV1QifQ.e30.c2ln", user);
  const [user, other] = [nkeys.createUser(), nkeys.createUser()];
  const config = `authorization { users: [{ nkey: ${user.getPublicKey()} }] }`;
  await check(config, { credentialsFile: file(user) }, { credentialsFile: file(other) });
  await assert.rejects(connect({ credentialsFile: join(folder, "none") }), /ENOENT/);
  rmSync(folder, { recursive: true });
});

/** A signed token about a subject. */
function signed(issuer: KeyPair, subject: KeyPair, claims: object): string {
  const encode = (document: object): string => Buffer.from(JSON.stringify(document)).toString("base64url");
  const body = {
    jti: "x",
    iat: Math.floor(Date.now() / 1_000),
    iss: issuer.getPublicKey(),
    name: "x",
    sub: subject.getPublicKey(),
    nats: { version: 2, ...claims },
  };
  const text = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode(body)}`;
  return `${text}.${Buffer.from(issuer.sign(Buffer.from(text))).toString("base64url")}`;
}

test("a credentials file of an operator's account", async () => {
  const folder = mkdtempSync(join(tmpdir(), "natsgen-"));
  const [operator, account, stranger] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const config = `
    operator: ${signed(operator, operator, { type: "operator" })}
    resolver: MEMORY
    resolver_preload: { ${account.getPublicKey()}: ${signed(operator, account, { type: "account", limits })} }`;
  const file = (issuer: KeyPair): string => {
    const user = nkeys.createUser();
    return credentials(folder, signed(issuer, user, { type: "user", ...unlimited }), user);
  };
  await check(config, { credentialsFile: file(account) }, { credentialsFile: file(stranger) });
  rmSync(folder, { recursive: true });
});
