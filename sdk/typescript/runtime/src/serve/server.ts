import type { Connection } from "../rpc/connection.js";
import { type Answer, ERROR_CODE, type StandardCode, writeStandard } from "../rpc/fault.js";
import type { ErrorForm } from "../rpc/form.js";
import { belowPrefix, Template } from "../subject/template.js";
import { after, now, within } from "../time.js";
import { type Message, REQUEST_ID, RETRY_AFTER, sizeOf } from "../transport/message.js";
import type { TransportSubscription } from "../transport/transport.js";
import { Context } from "./context.js";
import { Dedup } from "./dedup.js";
import type { Job } from "./job.js";
import { type Limits, limitsOf, type ServeOptions } from "./options.js";
import { isInvalid, type Route } from "./route.js";
import { type Saturation, Schedule } from "./schedule.js";

/** The time between two searches for expired requests, in milliseconds. */
const SWEEP = 50;

/** The time in which the connection must take the last replies, in milliseconds. */
const LAST_ANSWERS = 2_500;

/** A subscription of a server. */
export interface Listen {
  /** The subject below the prefix; the last token can be `>`. */
  readonly pattern: string;
  readonly queue?: string;
}

/** A service with its operations, as generated code writes it. */
export interface Service {
  /** The prefix, if the connection has no prefix. */
  readonly prefix: string;
  readonly listen: readonly Listen[];
  /** The parameter that names the server's instance. */
  readonly instance?: Readonly<Record<string, string | number | bigint>>;
  readonly routes: readonly Route[];
}

/** The counts of a server. */
export interface Stats {
  /** Received messages. */
  readonly received: number;
  /** Replies of handlers, errors included. */
  readonly answered: number;
  /** Requests that break their schema, or have an unknown subject. */
  readonly invalid: number;
  /** Requests that were refused because of a limit, or because the server was draining. */
  readonly refused: number;
  /** Requests that were not executed because their deadline had passed. */
  readonly expired: number;
  /** Requests that a control request has overtaken. */
  readonly cancelled: number;
  /** Running requests that a control request has stopped. */
  readonly aborted: number;
  /** Requests that were executed before. */
  readonly repeated: number;
  /** Messages whose reply subject is no inbox, or the inbox of a role that may not call the operation. */
  readonly ignored: number;
  /** Requests whose handler threw an error that the operation does not declare. */
  readonly failed: number;
  /** Replies that could not be sent. */
  readonly unsent: number;
  /** Requests that run now. */
  readonly running: number;
  /** Requests in the queue. */
  readonly waiting: number;
  /** The reason why the server is saturated now, if it is. A paused server is not. */
  readonly saturation: Saturation | undefined;
}

type Counts = { -readonly [K in Exclude<keyof Stats, "running" | "saturation" | "waiting">]: Stats[K] };

/** A running server. */
export class Server implements AsyncDisposable {
  private readonly connection: Connection;
  private readonly service: Service;
  private readonly prefix: string;
  private readonly options: ServeOptions;
  private readonly limits: Limits;
  /** The form of errors, if the protocol has its own form. */
  private readonly form: ErrorForm | undefined;
  private readonly schedule: Schedule;
  private readonly dedup: Dedup | undefined;
  private readonly subscriptions: TransportSubscription[] = [];
  private readonly counts: Counts = {
    received: 0,
    answered: 0,
    invalid: 0,
    refused: 0,
    expired: 0,
    cancelled: 0,
    aborted: 0,
    repeated: 0,
    ignored: 0,
    failed: 0,
    unsent: 0,
  };
  private stopSweep: (() => void) | undefined;
  private idle: (() => void) | undefined;
  private ending: Promise<Stats> | undefined;
  private isPaused = false;

  private constructor(connection: Connection, service: Service, options: ServeOptions) {
    this.connection = connection;
    this.service = service;
    this.prefix = connection.prefixOr(service.prefix);
    this.options = options;
    this.limits = limitsOf(options);
    this.schedule = new Schedule(this.limits);
    this.form = service.routes[0]?.errorForm;
    const { deduplicate = false } = options;
    this.dedup = deduplicate === false ? undefined : new Dedup(deduplicate === true ? {} : deduplicate, this.form);
  }

  /** @internal */
  static async start(connection: Connection, service: Service, options: ServeOptions): Promise<Server> {
    const server = new Server(connection, service, options);
    try {
      for (const { pattern, queue } of service.listen) {
        await server.listen(pattern, queue);
      }
    } catch (error) {
      await server.unsubscribe();
      throw error;
    }
    return server;
  }

  /** The counts since the start. */
  get stats(): Stats {
    const { running, waiting, saturation } = this.schedule;
    return { ...this.counts, running, waiting, saturation: this.isPaused ? undefined : saturation };
  }

  /**
   * Takes no more requests, executes the requests that have arrived, and sends their replies. After `limit`
   * milliseconds (default: the option `drain`), queued requests are refused as `draining`.
   */
  async shutdown(limit: number = this.limits.drain): Promise<Stats> {
    return (this.ending ??= this.finish(limit));
  }

  /** Starts no more requests until {@link resume} is called. Requests are still queued, within the limits. */
  pause(): void {
    this.isPaused = true;
  }

  /** Starts requests again. */
  resume(): void {
    this.isPaused = false;
    this.run();
  }

  /** Drops the queued requests without a reply, because another server has received them, and shuts down. */
  async handOver(): Promise<Stats> {
    this.pause();
    const unsubscribed = this.unsubscribe();
    await within(LAST_ANSWERS, unsubscribed);
    for (const job of this.schedule.clear()) {
      if (job.name !== undefined) {
        this.dedup?.release(job.name);
      }
    }
    return this.shutdown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  private async finish(limit: number): Promise<Stats> {
    const end = now() + limit;
    await within(Math.max(limit, LAST_ANSWERS), this.unsubscribe());
    if (!(await within(end - now(), this.settled()))) {
      for (const job of this.schedule.clear()) {
        this.counts.refused += 1;
        this.refuse(job, "draining");
      }
    }
    this.stopSweep?.();
    await within(LAST_ANSWERS, this.connection.flush());
    return this.stats;
  }

  private async listen(pattern: string, queue: string | undefined): Promise<void> {
    const template = new Template<Record<string, unknown>>(pattern, {});
    const subject = template.subject(this.prefix, this.service.instance ?? {});
    const deliver = (message: Message): void => {
      this.receive(message, pattern);
    };
    this.subscriptions.push(await this.connection.open(subject, queue, deliver));
  }

  private async unsubscribe(): Promise<void> {
    await Promise.all(this.subscriptions.map((subscription) => subscription.unsubscribe()));
  }

  private async settled(): Promise<void> {
    if (this.schedule.running + this.schedule.waiting > 0) {
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    }
  }

  private receive(message: Message, pattern: string): void {
    this.counts.received += 1;
    const { reply, subject } = message;
    const tail = belowPrefix(this.prefix, subject);
    const route = this.service.routes.find((candidate) => candidate.matches(tail));
    if (reply === undefined || !this.connection.isInbox(reply) || !this.isCaller(route, reply)) {
      this.counts.ignored += 1;
      return;
    }
    if (route === undefined) {
      this.counts.invalid += 1;
      this.send(reply, writeStandard("unknown_command", this.form, commandOf(pattern, tail)));
      return;
    }
    this.admit(route, message, reply, tail);
  }

  /**
   * Returns false if the inbox belongs to a role that may not call the operation. Without a route, the inbox must belong
   * to a role that may call some operation.
   */
  private isCaller(route: Route | undefined, inbox: string): boolean {
    const routes = route === undefined ? this.service.routes : [route];
    return routes.some((candidate) => candidate.isCaller(inbox));
  }

  private admit(route: Route, message: Message, reply: string, tail: string): void {
    const { subject, headers, payload } = message;
    const context = new Context(subject, headers, route.timeout);
    const prepared = route.prepare(context, tail, payload, (error) => {
      this.report(error, route.name);
    });
    if (isInvalid(prepared)) {
      this.counts.invalid += 1;
      this.send(reply, writeStandard("bad_request", this.form, prepared.reason, prepared.pointer));
      return;
    }
    const id = headers.get(REQUEST_ID);
    const isNamed = !route.isIdempotent && id !== undefined && id !== "";
    const job: Job = {
      operation: route.name,
      context,
      received: now(),
      reply,
      key: prepared.key,
      isControl: route.isControl,
      size: sizeOf(message) + subject.length,
      name: isNamed ? this.dedup?.key(subject, reply, id, payload) : undefined,
      work: prepared.work,
      isAnswered: false,
    };
    if (this.isFirst(job)) {
      this.queue(job);
    }
  }

  /** Whether the request was not seen before. A repeated request gets the reply of the first. */
  private isFirst(job: Job): boolean {
    if (this.dedup === undefined || job.name === undefined) {
      return true;
    }
    const found = this.dedup.begin(job.name, job.reply);
    switch (found.type) {
      case "new":
        return true;
      case "full":
        this.counts.refused += 1;
        this.send(job.reply, writeStandard("overloaded", this.form));
        return false;
      case "executed":
        this.send(job.reply, found.answer);
        break;
      case "pending":
    }
    this.counts.repeated += 1;
    return false;
  }

  private queue(job: Job): void {
    let admission = this.schedule.admit(job);
    if (admission.refused !== undefined) {
      this.expire();
      admission = this.schedule.admit(job);
    }
    if (admission.refused !== undefined) {
      this.counts.refused += 1;
      this.refuse(job, admission.refused);
      return;
    }
    for (const cancelled of admission.cancelled) {
      this.counts.cancelled += 1;
      this.refuse(cancelled, "cancelled");
    }
    if (admission.overtaken !== undefined) {
      this.abortAfterGrace(admission.overtaken);
    }
    this.run();
  }

  /** Starts as many requests as the limits allow. */
  private run(): void {
    const next = (): Job | undefined => (this.isPaused ? undefined : this.schedule.next());
    for (let job = next(); job !== undefined; job = next()) {
      if (job.context.end <= now()) {
        this.counts.expired += 1;
        this.refuse(job, "deadline_exceeded");
        this.schedule.finish(job);
      } else {
        void this.execute(job);
      }
    }
    if (this.schedule.waiting > 0) {
      this.sweepLater();
    }
    if (this.schedule.running + this.schedule.waiting === 0) {
      this.idle?.();
    }
  }

  private async execute(job: Job): Promise<void> {
    const answer = await job.work();
    job.context.finish();
    if (!job.isAnswered) {
      job.isAnswered = true;
      this.counts.answered += 1;
      this.complete(job, answer);
    }
    this.schedule.finish(job);
    this.run();
  }

  /** Sends the reply of an executed request to its caller and to the callers of its duplicates. */
  private complete(job: Job, answer: Answer): void {
    for (const reply of [job.reply, ...this.endDuplicates(job, answer)]) {
      this.send(reply, answer);
    }
    this.observe(job, answer);
  }

  /**
   * Returns the reply subjects of the duplicates of a request. Keeps the reply, unless the request may be sent again
   * because it was not executed.
   */
  private endDuplicates(job: Job, answer: Answer): readonly string[] {
    if (this.dedup === undefined || job.name === undefined) {
      return [];
    }
    const isRefused = answer.headers.get(RETRY_AFTER) !== undefined;
    return isRefused ? this.dedup.release(job.name) : this.dedup.complete(job.name, answer);
  }

  /** Refuses a request that was not executed. */
  private refuse(job: Job, code: StandardCode): void {
    job.isAnswered = true;
    const others = job.name === undefined ? [] : (this.dedup?.release(job.name) ?? []);
    for (const reply of [job.reply, ...others]) {
      this.send(reply, writeStandard(code, this.form));
    }
  }

  private abortAfterGrace(job: Job): void {
    after(this.limits.grace, () => {
      if (job.isAnswered || !this.schedule.leaveLane(job)) {
        return;
      }
      job.isAnswered = true;
      this.counts.aborted += 1;
      job.context.abort();
      this.complete(job, writeStandard("aborted", this.form));
      this.run();
    });
  }

  private sweepLater(): void {
    this.stopSweep ??= after(SWEEP, () => {
      this.stopSweep = undefined;
      this.expire();
      this.run();
    });
  }

  private expire(): void {
    for (const job of this.schedule.expire()) {
      this.counts.expired += 1;
      this.refuse(job, "deadline_exceeded");
    }
  }

  private send(reply: string, answer: Answer): void {
    const message = { subject: reply, ...answer };
    const [size, limit] = [sizeOf(message), this.connection.maxPayload];
    try {
      if (size > limit) {
        const detail = `${String(size)} bytes, the limit is ${String(limit)}`;
        this.connection.publish({ subject: reply, ...writeStandard("reply_too_large", this.form, detail) });
      } else {
        this.connection.publish(message);
      }
    } catch {
      this.counts.unsent += 1;
    }
  }

  private report(error: unknown, operation: string): void {
    this.counts.failed += 1;
    if (this.options.onError === undefined) {
      console.error(`natsgen: the handler of ${operation} failed`, error);
    } else {
      this.options.onError(error, operation);
    }
  }

  private observe(job: Job, answer: Answer): void {
    this.connection.observer?.requestServed?.({
      operation: job.operation,
      subject: job.context.subject,
      latency: now() - job.received,
      traceparent: job.context.traceparent,
      isError: answer.headers.get(ERROR_CODE) !== undefined,
    });
  }
}

/** Subscribes and serves requests until the server is shut down. Generated code calls it. */
export async function serve(
  connection: Connection,
  options: ServeOptions | undefined,
  service: Service,
): Promise<Server> {
  return Server.start(connection, service, options ?? {});
}

/** The tokens of a subject that name the operation. */
function commandOf(pattern: string, tail: string): string {
  const known = pattern.endsWith(">") ? pattern.split(".").length - 1 : 0;
  return tail.split(".").slice(known).join(".");
}
