/** The client: executes orders, and prints results. */

import { isDeepStrictEqual } from "node:util";

import { type CallOptions, type Connection, type Event, type Json, type Request } from "natsgen-runtime";
import * as sdk from "varpulis-sdk";

import { messageOf, parse, print } from "./document.js";
import { ofError, ofReply, type Outcome } from "./outcome.js";

/** An order for a client. */
interface Order {
  readonly case: string;
  readonly operation: string;
  readonly params: object;
  readonly request: Json;
  readonly timeout_ms?: number;
  readonly cancel_ms?: number;
  /** The number of calls side by side, or of events one after the other. */
  readonly times?: number;
  /** The pointer of an integer that counts the events from 0. */
  readonly number?: string;
}

/** Executes orders until the end of the input. */
export async function executeAll(connection: Connection, input: AsyncIterable<string>): Promise<void> {
  for await (const line of input) {
    const order = parse(line) as unknown as Order;
    print({ case: order.case, ...(await execute(connection, order)) });
  }
}

async function execute(connection: Connection, order: Order): Promise<Outcome> {
  const { times, number, request } = order;
  if (times === undefined) {
    return send(connection, order, request);
  }
  if (number === undefined) {
    return sideBySide(connection, order, times);
  }
  for (let count = 0; count < times; count += 1) {
    const outcome = await send(connection, order, numbered(request, number.split("/").slice(1), count));
    if (outcome["error"] !== undefined) {
      return outcome;
    }
  }
  return { ok: null };
}

/** The document with `count` at a path. */
function numbered(document: Json, [key, ...rest]: readonly string[], count: number): Json {
  if (key === undefined) {
    return count;
  }
  const members = document as Readonly<Record<string, Json>>;
  return { ...members, [key]: numbered(members[key] ?? null, rest, count) };
}

/** Executes an order many times at the same time, and counts equal results. */
async function sideBySide(connection: Connection, order: Order, times: number): Promise<Outcome> {
  const calls = Array.from({ length: times }, () => send(connection, order, order.request));
  const counts: { times: number; result: Outcome }[] = [];
  for (const result of await Promise.all(calls)) {
    const known = counts.find((count) => isDeepStrictEqual(count.result, result));
    if (known === undefined) {
      counts.push({ times: 1, result });
    } else {
      known.times += 1;
    }
  }
  return { counts: counts.map((count) => ({ ...count })) };
}

async function send(connection: Connection, order: Order, document: Json): Promise<Outcome> {
  const sender = SENDERS[order.operation];
  if (sender === undefined) {
    throw new Error(`unknown operation ${order.operation}`);
  }
  const { timeout_ms: timeout, cancel_ms: cancel } = order;
  const options = {
    ...(timeout === undefined ? {} : { timeout }),
    ...(cancel === undefined ? {} : { signal: AbortSignal.timeout(cancel) }),
  };
  try {
    return await sender(connection, order.params, document, options);
  } catch (error) {
    return ofError(error);
  }
}

/** Sends a document as a request or an event. */
type Sender = (connection: Connection, params: object, document: Json, options: CallOptions) => Promise<Outcome>;

/** A method of a client. */
type Method<Params, T, Reply> = (
  connection: Connection,
  params: Params,
  message: T,
  options: CallOptions,
) => Promise<Reply>;

function call<Params extends object, T, Reply>(
  { definition }: Request<Params, T, Reply>,
  method: Method<Params, T, Reply>,
): Sender {
  return async (connection, params, document, options) => {
    const request = messageOf(definition.request, document, { keepUnknown: false });
    // The client checks the parameters.
    const reply = await method(connection, params as Params, request, options);
    return ofReply(definition.reply, reply);
  };
}

function event<Params extends object, T>({ definition }: Event<Params, T>, method: Method<Params, T, void>): Sender {
  return async (connection, params, document, options) => {
    const message = messageOf(definition.message, document, { keepUnknown: false });
    await method(connection, params as Params, message, options);
    return { ok: null };
  };
}

const coordinator = (connection: Connection): sdk.CoordinatorClient => new sdk.CoordinatorClient(connection);
const raft = (connection: Connection): sdk.RaftClient => new sdk.RaftClient(connection);
const worker = (connection: Connection): sdk.WorkerClient => new sdk.WorkerClient(connection);

const SENDERS: Readonly<Record<string, Sender>> = {
  heartbeat: event(sdk.HEARTBEAT, (c, { worker_id }, m, o) => coordinator(c).heartbeat(worker_id, m, o)),
  get_worker: call(sdk.GET_WORKER, (c, { worker_id }, m, o) => coordinator(c).getWorker(worker_id, m, o)),
  list_workers: call(sdk.LIST_WORKERS, (c, _, m, o) => coordinator(c).listWorkers(m, o)),
  remove_worker: call(sdk.REMOVE_WORKER, (c, { worker_id }, m, o) => coordinator(c).removeWorker(worker_id, m, o)),
  register: call(sdk.REGISTER, (c, _, m, o) => coordinator(c).register(m, o)),
  append: call(sdk.APPEND, (c, { node_id }, m, o) => raft(c).append(node_id, m, o)),
  read_index: call(sdk.READ_INDEX, (c, { node_id }, m, o) => raft(c).readIndex(node_id, m, o)),
  snapshot: call(sdk.SNAPSHOT, (c, { node_id }, m, o) => raft(c).snapshot(node_id, m, o)),
  status: call(sdk.STATUS, (c, { node_id }, m, o) => raft(c).status(node_id, m, o)),
  vote: call(sdk.VOTE, (c, { node_id }, m, o) => raft(c).vote(node_id, m, o)),
  write: call(sdk.WRITE, (c, { node_id }, m, o) => raft(c).write(node_id, m, o)),
  checkpoint: call(sdk.CHECKPOINT, (c, { worker_id }, m, o) => worker(c).checkpoint(worker_id, m, o)),
  deploy: call(sdk.DEPLOY, (c, { worker_id }, m, o) => worker(c).deploy(worker_id, m, o)),
  drain: call(sdk.DRAIN, (c, { worker_id }, m, o) => worker(c).drain(worker_id, m, o)),
  inject: call(sdk.INJECT, (c, { worker_id }, m, o) => worker(c).inject(worker_id, m, o)),
  inject_batch: call(sdk.INJECT_BATCH, (c, { worker_id }, m, o) => worker(c).injectBatch(worker_id, m, o)),
  restore: call(sdk.RESTORE, (c, { worker_id }, m, o) => worker(c).restore(worker_id, m, o)),
  undeploy: call(sdk.UNDEPLOY, (c, { worker_id }, m, o) => worker(c).undeploy(worker_id, m, o)),
  registration: event(sdk.REGISTRATION, (c, { worker_id }, m, o) => worker(c).registration(worker_id, m, o)),
  pipeline_event: event(sdk.PIPELINE_EVENT, (c, { group, from_worker, to_worker }, m, o) =>
    worker(c).pipelineEvent(group, from_worker, to_worker, m, o),
  ),
};
