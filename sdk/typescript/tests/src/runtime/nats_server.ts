import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A nats-server for tests. The environment variable `NATS_SERVER` names the program. */
export class NatsServer {
  readonly port: number;
  /** The port that replaces `PORT` in the configuration. */
  readonly otherPort: number;
  private readonly directory: string;
  private process: ChildProcess;

  private constructor(port: number, otherPort: number, directory: string) {
    this.port = port;
    this.otherPort = otherPort;
    this.directory = directory;
    this.process = this.spawn();
  }

  /** Starts a server. `config` is appended to its configuration; `PORT` becomes a second free port. */
  static async start(config = ""): Promise<NatsServer> {
    const directory = await mkdtemp(join(tmpdir(), "natsgen-"));
    const [port, other] = [await freePort(), await freePort()];
    await writeFile(join(directory, "nats.conf"), `port: ${port}\n${config.replaceAll("PORT", String(other))}`);
    const server = new NatsServer(port, other, directory);
    await server.ready();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** The address of a WebSocket on the second port. */
  get webUrl(): string {
    return `ws://127.0.0.1:${this.otherPort}`;
  }

  /** Ends the process at once. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill(signal);
    await ended;
  }

  /** Stops the process without ending it, or lets it continue. */
  signal(signal: "SIGCONT" | "SIGSTOP"): void {
    this.process.kill(signal);
  }

  /** Starts the process again, on the same port. */
  async restart(): Promise<void> {
    this.process = this.spawn();
    await this.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.kill();
    }
    await rm(this.directory, { recursive: true });
  }

  private spawn(): ChildProcess {
    const program = process.env["NATS_SERVER"];
    if (program === undefined) {
      throw new Error("set NATS_SERVER to the path of nats-server; `sdk/typescript/check` does that");
    }
    return spawn(program, ["-c", join(this.directory, "nats.conf"), "-a", "127.0.0.1"], { stdio: "ignore" });
  }

  private async ready(): Promise<void> {
    for (let attempt = 0; attempt < 400; attempt++) {
      if (await isOpen(this.port)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error("nats-server does not start");
  }
}

async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") {
    throw new Error("no free port");
  }
  return address.port;
}
