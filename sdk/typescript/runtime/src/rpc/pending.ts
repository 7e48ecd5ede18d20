import type { Message } from "../transport/message.js";

/** The end of a pending request. */
export type Outcome =
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "cancelled" | "closed" | "denied" | "disconnected" | "perhaps_denied" | "timed_out" };

/** A request that waits for its reply. */
export interface Pending {
  /** The last token of its inbox. */
  readonly token: string;
  readonly subject: string;
  /** Its number among all requests. */
  readonly order: number;
  readonly end: (outcome: Outcome) => void;
}

/** The time in which the server can still deny a request that was given up, in milliseconds. */
const DENIAL_TIME = 1_000;

/** The maximum number of requests that were given up and can still be denied. */
const ABANDONED = 1_024;

interface Abandoned {
  readonly subject: string;
  readonly until: number;
}

/** A time in which the server's denials of a subject are counted. */
interface Round {
  readonly newest: number;
  denials: number;
  readonly ended: Promise<void>;
}

/** The requests that wait for a reply. */
export class PendingRequests {
  /** The number of replies that arrived after the end of their request. */
  late = 0;
  private readonly all = new Map<string, Pending>();
  private readonly rounds = new Map<string, Round>();
  private abandoned: Abandoned[] = [];
  private count = 0;

  get size(): number {
    return this.all.size;
  }

  /** Adds a request. */
  add(token: string, subject: string, end: (outcome: Outcome) => void): Pending {
    this.count += 1;
    const pending = { token, subject, order: this.count, end };
    this.all.set(token, pending);
    return pending;
  }

  /** Resolves when no round counts the denials of the subject. */
  async ready(subject: string): Promise<void> {
    for (let round = this.rounds.get(subject); round !== undefined; round = this.rounds.get(subject)) {
      await round.ended;
    }
  }

  isInRound(subject: string): boolean {
    return this.rounds.has(subject);
  }

  /** Ends the request with this token. */
  end(token: string, outcome: Outcome): void {
    const pending = this.all.get(token);
    if (pending === undefined) {
      this.late += outcome.type === "message" ? 1 : 0;
      return;
    }
    this.all.delete(token);
    pending.end(outcome);
  }

  /** Ends a request that its caller gave up. The server can still deny it. */
  abandon({ token, subject }: Pending, outcome: Outcome, time: number): void {
    if (this.abandoned.length === ABANDONED) {
      this.abandoned.shift();
    }
    this.abandoned.push({ subject, until: time + DENIAL_TIME });
    this.end(token, outcome);
  }

  /** Ends all requests. */
  endAll(outcome: Outcome): void {
    const all = [...this.all.values()];
    this.all.clear();
    for (const pending of all) {
      pending.end(outcome);
    }
  }

  /**
   * Counts a denial. The server does not name the denied message, so that several requests to a subject need a round:
   * `settle` resolves when all denials have arrived, with false if that is unknown.
   */
  deny(subject: string, time: number, settle: () => Promise<boolean>): void {
    const round = this.rounds.get(subject);
    if (round !== undefined) {
      round.denials += 1;
      return;
    }
    const waiting = this.waiting(subject, this.count);
    const [first, ...others] = waiting;
    if (first === undefined) {
      return;
    }
    if (others.length === 0 && this.abandonedOf(subject, time) === 0) {
      this.end(first.token, { type: "denied" });
      return;
    }
    const started: Round = { newest: this.count, denials: 1, ended: this.settle(subject, time, settle) };
    this.rounds.set(subject, started);
  }

  private async settle(subject: string, time: number, settle: () => Promise<boolean>): Promise<void> {
    const isComplete = await settle();
    const round = this.rounds.get(subject);
    this.rounds.delete(subject);
    if (round === undefined) {
      return;
    }
    const suspects = this.waiting(subject, round.newest);
    const isCertain = isComplete && round.denials >= suspects.length + this.abandonedOf(subject, time);
    for (const { token } of suspects) {
      this.end(token, { type: isCertain ? "denied" : "perhaps_denied" });
    }
  }

  private waiting(subject: string, newest: number): Pending[] {
    return [...this.all.values()].filter((pending) => pending.subject === subject && pending.order <= newest);
  }

  private abandonedOf(subject: string, time: number): number {
    this.abandoned = this.abandoned.filter(({ until }) => until > time);
    return this.abandoned.filter((abandoned) => abandoned.subject === subject).length;
  }
}
