/** The server: answers requests from a table, and prints events. */

import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

import {
  type Connection,
  type Context,
  type Event,
  type Json,
  type JsonObject,
  type Request,
  type Server,
} from "natsgen-runtime";
import * as sdk from "varpulis-sdk";

import { documentOf, messageOf, parse, print } from "./document.js";

/** Serves a role until the end of the input. */
export async function serve(
  connection: Connection,
  input: AsyncIterator<string>,
  role: string,
  id: string,
): Promise<void> {
  const script = await readScript(input);
  const server = await start(connection, script, role, id);
  print({ ready: true });
  while ((await input.next()).done !== true);
  await server.shutdown();
}

async function start(connection: Connection, script: Script, role: string, id: string): Promise<Server> {
  const answers = <Params extends object, T, Reply>(request: Request<Params, T, Reply>): Handler<T, Reply> =>
    script.handler(request);
  switch (role) {
    case "coordinator":
      await printEvents(connection, sdk.HEARTBEAT);
      return sdk.serveCoordinator(connection, {
        getWorker: answers(sdk.GET_WORKER),
        listWorkers: answers(sdk.LIST_WORKERS),
        register: answers(sdk.REGISTER),
        removeWorker: answers(sdk.REMOVE_WORKER),
      });
    case "raft":
      return sdk.serveRaft(connection, Number(id), {
        append: answers(sdk.APPEND),
        readIndex: answers(sdk.READ_INDEX),
        snapshot: answers(sdk.SNAPSHOT),
        status: answers(sdk.STATUS),
        vote: answers(sdk.VOTE),
        write: answers(sdk.WRITE),
      });
    default:
      await printEvents(connection, sdk.REGISTRATION);
      await printEvents(connection, sdk.PIPELINE_EVENT);
      return sdk.serveWorker(connection, sdk.WorkerId(id), {
        checkpoint: answers(sdk.CHECKPOINT),
        deploy: answers(sdk.DEPLOY),
        drain: answers(sdk.DRAIN),
        inject: answers(sdk.INJECT),
        injectBatch: answers(sdk.INJECT_BATCH),
        restore: answers(sdk.RESTORE),
        undeploy: answers(sdk.UNDEPLOY),
      });
  }
}

/** Subscribes to an event, and prints its messages as long as the connection is open. */
async function printEvents<Params extends object, T>(connection: Connection, event: Event<Params, T>): Promise<void> {
  const events = await connection.subscribe(event);
  const printAll = async (): Promise<void> => {
    for await (const { params, event: message } of events) {
      print({
        event: event.name,
        params: params as JsonObject,
        message: documentOf(event.definition.message, message),
      });
    }
  };
  void printAll();
}

/** The answer to a request. */
interface Answer {
  readonly ok?: Json;
  readonly fault?: { readonly code: string; readonly detail: string };
}

interface Entry {
  readonly operation: string;
  readonly request: Json;
  readonly answer: Answer;
  readonly delay_ms?: number;
  /** The time of the next attempt that a fault names. */
  readonly retry_after_ms?: number;
}

type Handler<T, Reply> = (context: Context, message: T) => Promise<Reply>;

/** The answers of a server. */
class Script {
  private readonly entries: Entry[];

  constructor(entries: Entry[]) {
    this.entries = entries;
  }

  /** The handler of an operation. */
  handler<Params extends object, T, Reply>({ name, definition }: Request<Params, T, Reply>): Handler<T, Reply> {
    return async (context, message) => {
      const entry = this.take(name, documentOf(definition.request, message));
      const { answer, delay_ms: delay = 0, retry_after_ms: retryAfter } = entry;
      await setTimeout(delay);
      const { ok, fault } = answer;
      if (fault === undefined) {
        return messageOf(definition.reply, ok ?? null, { keepUnknown: true });
      }
      const kind = definition.errors?.find(({ code }) => code === fault.code);
      if (kind === undefined || definition.fault === undefined) {
        throw new Error(`${name} does not declare ${fault.code}`);
      }
      if (retryAfter !== undefined) {
        context.retryAfter(retryAfter);
      }
      throw new definition.fault(kind, fault.detail);
    };
  }

  /** The next answer to a request; the last answer stays. */
  private take(operation: string, request: Json): Entry {
    const found = this.entries.filter(
      (entry) => entry.operation === operation && isDeepStrictEqual(entry.request, request),
    );
    const [first] = found;
    if (first === undefined) {
      throw new Error(`${operation}: unexpected request`);
    }
    if (found.length > 1) {
      this.entries.splice(this.entries.indexOf(first), 1);
    }
    return first;
  }
}

/** Reads answers up to an empty line. */
async function readScript(input: AsyncIterator<string>): Promise<Script> {
  const entries: Entry[] = [];
  for (let line = await input.next(); line.done !== true && line.value !== ""; line = await input.next()) {
    entries.push(parse(line.value) as unknown as Entry);
  }
  return new Script(entries);
}
