import type { Codec } from "../codec/codec.js";
import { type ParamCodecs, Template } from "../subject/template.js";
import type { ErrorKind, FaultType } from "./fault.js";
import type { ErrorForm } from "./form.js";

/** The definition of a request, as generated code writes it. */
export interface RequestDefinition<Params extends object, Message, Reply> {
  /** The subject below the prefix. */
  readonly subject: string;
  readonly params: ParamCodecs<Params>;
  /** The role that calls the operation. */
  readonly from: string;
  /** All roles of the protocol. */
  readonly roles: readonly string[];
  readonly request: Codec<Message>;
  readonly reply: Codec<Reply>;
  readonly fault?: FaultType;
  /** The errors that the operation declares. */
  readonly errors?: readonly ErrorKind[];
  /** All errors of the protocol. An error without a code is identified by its text. */
  readonly catalogue: readonly ErrorKind[];
  /** The form of errors in replies, if the protocol has its own form. */
  readonly errorForm?: ErrorForm;
  /** The timeout of a call in milliseconds. */
  readonly timeout: number;
  /** Whether a second execution has no further effect. */
  readonly idempotent?: boolean;
  /** Whether the request overtakes queued requests with the same ordering key. */
  readonly control?: boolean;
  /** The member of the request that orders requests. */
  readonly ordering?: string;
}

/** An operation with a reply. */
export class Request<Params extends object, Message, Reply> {
  /** The name of the operation, for example `deploy`. */
  readonly name: string;
  private readonly create: () => RequestDefinition<Params, Message, Reply>;
  private created: RequestDefinition<Params, Message, Reply> | undefined;
  private createdTemplate: Template<Params> | undefined;

  constructor(name: string, create: () => RequestDefinition<Params, Message, Reply>) {
    this.name = name;
    this.create = create;
  }

  get definition(): RequestDefinition<Params, Message, Reply> {
    return (this.created ??= this.create());
  }

  get template(): Template<Params> {
    return (this.createdTemplate ??= new Template(this.definition.subject, this.definition.params));
  }
}

/** The definition of an event, as generated code writes it. */
export interface EventDefinition<Params extends object, Message> {
  /** The subject below the prefix. */
  readonly subject: string;
  /** The prefix, if the connection has no prefix. */
  readonly prefix: string;
  readonly params: ParamCodecs<Params>;
  /** The queue group whose members share the events. */
  readonly queue?: string;
  readonly message: Codec<Message>;
}

/** An operation without a reply. */
export class Event<Params extends object, Message> {
  /** The name of the event, for example `heartbeat`. */
  readonly name: string;
  private readonly create: () => EventDefinition<Params, Message>;
  private created: EventDefinition<Params, Message> | undefined;
  private createdTemplate: Template<Params> | undefined;

  constructor(name: string, create: () => EventDefinition<Params, Message>) {
    this.name = name;
    this.create = create;
  }

  get definition(): EventDefinition<Params, Message> {
    return (this.created ??= this.create());
  }

  get template(): Template<Params> {
    return (this.createdTemplate ??= new Template(this.definition.subject, this.definition.params));
  }
}

/** Declares an operation with a reply. The definition is evaluated at its first use. */
export function request<Params extends object, Message, Reply>(
  name: string,
  definition: () => RequestDefinition<Params, Message, Reply>,
): Request<Params, Message, Reply> {
  return new Request(name, definition);
}

/** Declares an operation without a reply. The definition is evaluated at its first use. */
export function event<Params extends object, Message>(
  name: string,
  definition: () => EventDefinition<Params, Message>,
): Event<Params, Message> {
  return new Event(name, definition);
}
