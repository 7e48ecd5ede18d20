import * as rt from "natsgen-runtime/generated";

/** A small protocol for tests, written as generated code. */

const BUSY: rt.ErrorKind = { code: "busy", status: 429, text: "busy: ", hasDetail: true };
const CLOSED: rt.ErrorKind = { code: "closed", status: 409, text: "closed", hasDetail: false };
const CATALOGUE = [BUSY, CLOSED];
const PREFIX = "test.desk";

export type DeskId = rt.Brand<string, "DeskId">;
export const DeskId: rt.TextType<DeskId> = rt.textType("DeskId", { min: 1, max: 8, pattern: "^[a-z0-9]+$" });

export interface Params {
  desk: DeskId;
}

export interface Question {
  text: string;
  pause?: number;
  topic?: string;
}
export const Question: rt.Codec<Question> = rt.object("Question", () => ({
  text: rt.required(rt.text({ max: 2_000_000 })),
  pause: rt.optional(rt.integer(0, 60_000)),
  topic: rt.optional(rt.text()),
}));

export interface Answer {
  text: string;
  mood?: rt.Open<"good" | "bad">;
}
export const Answer: rt.Codec<Answer> = rt.object("Answer", () => ({
  text: rt.required(rt.text({ max: 4_000_000 })),
  mood: rt.optional(rt.enumeration("Mood", ["good", "bad"], { open: true })),
}));

export class AskFault extends rt.Fault<"busy" | "closed"> {
  static busy(detail: string): AskFault {
    return new AskFault(BUSY, detail);
  }

  static closed(): AskFault {
    return new AskFault(CLOSED);
  }
}

const shared = {
  params: { desk: DeskId },
  from: "visitor",
  roles: ["desk", "visitor"],
  request: Question,
  reply: Answer,
  fault: AskFault,
  errors: [BUSY, CLOSED],
  catalogue: CATALOGUE,
  timeout: 30_000,
};

export const ASK: rt.Request<Params, Question, Answer> = rt.request("ask", () => ({
  ...shared,
  subject: "{desk}.ask",
  ordering: "topic",
}));
export const LOOK: rt.Request<Params, Question, Answer> = rt.request("look", () => ({
  ...shared,
  subject: "{desk}.look",
  idempotent: true,
}));
export const STOP: rt.Request<Params, Question, Answer> = rt.request("stop", () => ({
  ...shared,
  subject: "{desk}.stop",
  ordering: "topic",
  control: true,
}));

export interface News {
  number: number;
}
export const News: rt.Codec<News> = rt.object("News", () => ({ number: rt.required(rt.integer(0, 1_000_000)) }));
export const NEWS: rt.Event<Params, News> = rt.event("news", () => ({
  subject: "news.{desk}",
  prefix: PREFIX,
  params: { desk: DeskId },
  message: News,
}));

export class DeskClient extends rt.Client {
  constructor(connection: rt.Connection, options?: rt.CallOptions) {
    super(connection, PREFIX, options);
  }

  ask(desk: DeskId, request: Question, options?: rt.CallOptions): rt.Async<Answer> {
    return this.call(ASK, { desk }, request, options);
  }

  look(desk: DeskId, request: Question, options?: rt.CallOptions): rt.Async<Answer> {
    return this.call(LOOK, { desk }, request, options);
  }

  stop(desk: DeskId, request: Question, options?: rt.CallOptions): rt.Async<Answer> {
    return this.call(STOP, { desk }, request, options);
  }

  news(desk: DeskId, event: News): rt.Async<void> {
    return this.publish(NEWS, { desk }, event);
  }
}

export interface DeskService {
  ask(context: rt.Context, request: Question): rt.Awaitable<Answer>;
  look(context: rt.Context, request: Question): rt.Awaitable<Answer>;
  stop(context: rt.Context, request: Question): rt.Awaitable<Answer>;
}

export function serveDesk(
  connection: rt.Connection,
  desk: DeskId,
  service: DeskService,
  options?: rt.ServeOptions,
): rt.Async<rt.Server> {
  return rt.serve(connection, options, {
    prefix: PREFIX,
    listen: [{ pattern: "{desk}.>" }],
    instance: { desk },
    routes: [
      rt.route(ASK, (context, request) => service.ask(context, request)),
      rt.route(LOOK, (context, request) => service.look(context, request)),
      rt.route(STOP, (context, request) => service.stop(context, request)),
    ],
  });
}

/** A service that answers after the pause that a question names. It counts what it executes. */
export class Echo implements DeskService {
  executed: string[] = [];

  async ask(_: rt.Context, request: Question): Promise<Answer> {
    this.executed.push(request.text);
    await new Promise((resolve) => setTimeout(resolve, request.pause ?? 0));
    switch (request.text) {
      case "busy":
        throw AskFault.busy("later");
      case "closed":
        throw AskFault.closed();
      case "bug":
        throw new TypeError("a secret of the server");
      case "invalid":
        return { text: 1 as unknown as string };
      case "newer":
        return { text: "newer", mood: "curious" };
      case "large":
        return { text: "x".repeat(1_500_000) };
      default:
        return { text: `${request.text}!` };
    }
  }

  look(context: rt.Context, request: Question): Promise<Answer> {
    return this.ask(context, request);
  }

  async stop(_: rt.Context, request: Question): Promise<Answer> {
    this.executed.push(`stop ${request.text}`);
    return { text: "stopped" };
  }
}
