import { type Answer, writeStandard } from "../rpc/fault.js";
import type { ErrorForm } from "../rpc/form.js";
import { now } from "../time.js";
import type { DedupOptions } from "./options.js";

/** The maximum size of the reply subjects of waiting duplicates in bytes. */
const WAITING_BYTES = 16 << 20;

/** The answer to the question whether a request was seen before. */
export type Lookup =
  { readonly type: "new" | "pending" | "full" } | { readonly type: "executed"; readonly answer: Answer };

type Entry =
  | { readonly type: "running"; readonly others: string[] }
  | { readonly type: "executed"; readonly answer: Answer }
  | { readonly type: "forgotten" };

/** Executes repeated requests only once. */
export class Dedup {
  private readonly requests: number;
  private readonly room: number;
  private readonly age: number;
  private readonly form: ErrorForm | undefined;
  private readonly seeds = crypto.getRandomValues(new Uint32Array(2));
  private readonly entries = new Map<string, Entry>();
  /** The executed requests with the time of their end, the oldest first. */
  private readonly executed = new Map<string, number>();
  /** The executed requests with a reply, the oldest first. */
  private readonly kept = new Set<string>();
  private bytes = 0;
  private waiting = 0;
  private waitingBytes = 0;

  /** `form` is the form of errors, if the protocol has its own form. */
  constructor({ requests = 65_536, bytes = 16 << 20, age = 600_000 }: DedupOptions, form?: ErrorForm) {
    this.form = form;
    this.requests = Math.max(1, requests);
    this.room = bytes;
    this.age = age;
  }

  /** The key of a request: its subject, caller, id and payload. */
  key(subject: string, reply: string, id: string, payload: Uint8Array): string {
    const [first = 0, second = 0] = this.seeds;
    return [subject, caller(reply), id, payload.length, hash(payload, first), hash(payload, second)].join(" ");
  }

  /** Begins a request, or finds an earlier one. */
  begin(key: string, reply: string): Lookup {
    this.dropOlder();
    const entry = this.entries.get(key);
    switch (entry?.type) {
      case undefined:
        this.entries.set(key, { type: "running", others: [] });
        return { type: "new" };
      case "executed":
        return entry;
      case "forgotten":
        return { type: "executed", answer: writeStandard("reply_forgotten", this.form) };
      case "running":
        if (this.waiting >= this.requests || this.waitingBytes + reply.length > WAITING_BYTES) {
          return { type: "full" };
        }
        entry.others.push(reply);
        this.waiting += 1;
        this.waitingBytes += reply.length;
        return { type: "pending" };
    }
  }

  /** Keeps the reply of an executed request. Returns the reply subjects of its duplicates. */
  complete(key: string, answer: Answer): readonly string[] {
    const others = this.release(key);
    this.keep(key, answer);
    this.executed.set(key, now());
    this.dropOlder();
    while (this.executed.size > this.requests) {
      this.dropOldest();
    }
    return others;
  }

  /** Forgets a request that was not executed. Returns the reply subjects of its duplicates. */
  release(key: string): readonly string[] {
    const entry = this.entries.get(key);
    if (entry?.type !== "running") {
      return [];
    }
    this.entries.delete(key);
    this.waiting -= entry.others.length;
    this.waitingBytes -= entry.others.reduce((sum, reply) => sum + reply.length, 0);
    return entry.others;
  }

  private keep(key: string, answer: Answer): void {
    const bytes = sizeOf(answer);
    if (bytes > this.room) {
      this.entries.set(key, { type: "forgotten" });
      return;
    }
    for (const oldest of this.kept) {
      if (this.bytes + bytes <= this.room) {
        break;
      }
      this.free(oldest);
      this.entries.set(oldest, { type: "forgotten" });
    }
    this.bytes += bytes;
    this.kept.add(key);
    this.entries.set(key, { type: "executed", answer });
  }

  private dropOlder(): void {
    const limit = now() - this.age;
    for (const time of this.executed.values()) {
      if (time >= limit) {
        break;
      }
      this.dropOldest();
    }
  }

  private dropOldest(): void {
    const [oldest] = this.executed.keys();
    if (oldest !== undefined) {
      this.executed.delete(oldest);
      this.free(oldest);
      this.entries.delete(oldest);
    }
  }

  /** Gives back the room of a reply. */
  private free(key: string): void {
    const entry = this.entries.get(key);
    if (this.kept.delete(key) && entry?.type === "executed") {
      this.bytes -= sizeOf(entry.answer);
    }
  }
}

function sizeOf({ headers, payload }: Answer): number {
  return headers.wireSize + payload.length;
}

/** The inbox of a caller, without the token of the call. */
function caller(reply: string): string {
  const end = reply.lastIndexOf(".");
  return reply.indexOf(".") < end ? reply.slice(0, end) : reply;
}

/** A hash with a random seed. A caller can collide only with its own requests, because the key contains its inbox. */
function hash(bytes: Uint8Array, seed: number): number {
  let state = seed ^ 0x811c9dc5;
  for (const byte of bytes) {
    state = Math.imul(state ^ byte, 0x01000193);
  }
  return state >>> 0;
}
