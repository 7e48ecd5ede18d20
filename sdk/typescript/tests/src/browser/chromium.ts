import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The last characters of the output of the browser that an error contains. */
const TAIL = 4_000;

/** A Chromium without a window. The environment variable `CHROMIUM` names the program. */
export class Chromium implements AsyncDisposable {
  private readonly process: ChildProcess;
  private readonly profile: string;
  private output = "";

  private constructor(process: ChildProcess, profile: string) {
    this.process = process;
    this.profile = profile;
    process.stderr?.on("data", (part: Buffer) => {
      this.output = (this.output + part.toString()).slice(-TAIL);
    });
  }

  /** Opens a page. */
  static async open(url: string): Promise<Chromium> {
    const program = process.env["CHROMIUM"];
    if (program === undefined) {
      throw new Error("set CHROMIUM to the path of chromium; `sdk/typescript/check` does that");
    }
    const profile = await mkdtemp(join(tmpdir(), "natsgen-chromium-"));
    // The sandbox needs rights that containers do not have. The page is our own.
    const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    const child = spawn(program, [...flags, "--enable-logging=stderr", `--user-data-dir=${profile}`, url], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    return new Chromium(child, profile);
  }

  /** Rejects if the browser ends by itself. */
  async failure(): Promise<never> {
    const reason = await new Promise((resolve) => {
      this.process.once("exit", resolve);
      this.process.once("error", resolve);
    });
    throw new Error(`Chromium ended (${String(reason)}): ${this.output}`);
  }

  /** The end of the output of the browser, with the messages of the page. */
  get log(): string {
    return this.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const ended = new Promise((resolve) => this.process.once("exit", resolve));
      this.process.kill();
      await ended;
    }
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
