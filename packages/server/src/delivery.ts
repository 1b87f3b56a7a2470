/**
 * Delivery: frames in, one turn, one commit, one frame per member out.
 *
 *   frames -> inbox -> [ zero timers ] -> burst -> log.write -> frames -> commit -> next burst
 *                                          |
 *                      each message in a savepoint of its own; async handlers leave
 *                      the turn and come back to a later burst with what they did
 *
 * The engine knows storage, members and time through a narrow context, so that it runs over
 * SQLite in Node as well as in a Durable Object: the fuzz of `test/fuzz` does that.
 */
import { encodeItem, type Fault, type Hello, RoomError, type Welcome } from "@greenroom/protocol";

import { idWords } from "./accept.ts";
import { Admission, RETRY } from "./admission.ts";
import { rollBack, savepoint } from "./burst.ts";
import { sendBurst, sendWelcome } from "./fan-out.ts";
import { Gathering } from "./gathering.ts";
import {
  isScope,
  type DeliveryContext,
  type FrameJob,
  type Job,
  type Scope,
  type Turn,
} from "./jobs.ts";
import { Lagging } from "./lagging.ts";
import type { Account, Ledger } from "./ledger.ts";
import { closeWith, type Socket } from "./members.ts";
import { type Newcomers, newcomersOf } from "./newcomers.ts";
import { shareOf } from "./rates.ts";
import { Requests } from "./requests.ts";
import type { Task } from "./ringing.ts";
import { currentScope } from "./scope.ts";
import { Sessions } from "./sessions.ts";
import { Turns } from "./turns.ts";
import { welcomeOf } from "./welcome.ts";

/** Characters after which a turn ends and leaves the rest to the next: what it sends is one frame a member. */
const TURN = 1024 * 1024;

/** One room's delivery. */
export class Delivery<S extends Socket> implements Ledger {
  readonly #context: DeliveryContext<S>;
  readonly #sessions: Sessions<FrameJob<S>>;
  readonly #lagging: Lagging<S>;
  readonly #admission: Admission<S>;
  readonly #gathering: Gathering;
  readonly #requests: Requests<S>;
  readonly #turns: Turns<Job<S>>;
  /** Those who are let in: soon they get their welcome, what they missed, and what their `onConnect` published, in one turn. */
  readonly newcomers: Newcomers<S>;
  #wrote = false;
  /** Whether a turn of delivery is under way: what user code publishes then waits for its end. */
  #inTurn = false;

  constructor(context: DeliveryContext<S>) {
    this.#context = context;
    this.#sessions = new Sessions(context.log);
    this.#gathering = new Gathering(context);
    this.#turns = new Turns({
      ...context,
      share: shareOf(context.limits),
      sourceOf: (job) => (job.kind === "frame" ? job.socket : undefined),
      sizeOf: (job) => (job.kind === "frame" ? job.text.length : 0),
      turn: (jobs) => {
        this.#wrote = false;
        this.#turn(jobs, TURN);
        return this.#wrote;
      },
    });
    this.newcomers = newcomersOf(context, (jobs) => {
      try {
        this.#turn(jobs);
      } catch (fault) {
        this.#giveUp(jobs, fault, "the welcome");
      }
    });
    const { log, limits, after, places } = context;
    this.#lagging = new Lagging({
      log,
      lag: limits.lag,
      after,
      places,
      again: (socket, seq) => this.#welcomeOrClose(socket, { session: "", epoch: log.epoch, seq }),
    });
    this.#admission = new Admission(context, this.#lagging);
    this.#requests = new Requests({
      room: context,
      gathering: this.#gathering,
      sessions: this.#sessions,
      lagging: this.#lagging,
      largest: this.#admission.largest,
      // Awaited by nobody: the burst that takes it reports what goes wrong.
      push: (job) => void this.#turns.push(job),
    });
  }

  /** Takes a frame in; resolves when its burst has been handled: `undefined` where it is already. */
  receive(socket: S, text: string): Promise<void> | undefined {
    const admitted = this.#admission.admit(socket, text);
    if (admitted === "done") return undefined;
    const { refused, isHasty } = admitted;
    if (!refused) return this.#turns.push({ kind: "frame", socket, text }, isHasty);
    // The text is let go of: only its number waits for its turn.
    return this.#turns.push({ kind: "frame", socket, text: "", refused }, isHasty);
  }

  /** Handles what a connection had sent before its peer closed it; resolves when that is done. */
  finish(socket: S): Promise<void> {
    return this.#turns.finish(socket);
  }

  /** Where a hook gathers what it publishes. */
  scope(): Scope {
    return { kind: "scope", outgoing: [], life: this.#gathering.life };
  }

  /** Publishes what a hook gathered. */
  release(scope: Scope): Promise<void> | undefined {
    return scope.outgoing.length === 0 ? undefined : this.#turns.push({ kind: "publish", scope });
  }

  /** Runs the tasks of timers in one turn; throws where that could not be written, and nothing is. */
  perform(tasks: readonly Task[]): void {
    const fault = this.#turn(tasks.map((task) => ({ kind: "task", task })));
    if (fault !== undefined) throw fault.cause;
  }

  /** Adds to what leaves: with the handler or hook that runs, or at once where none does. */
  emit(out: Scope["outgoing"][number]): void {
    if (this.#gathering.isHandling) {
      this.#gathering.add(out);
      return;
    }
    const scope = currentScope();
    if (isScope(scope)) {
      if (scope.isOver) throw new RoomError("timeout", { message: "The handler was given up." });
      scope.outgoing.push(out);
    } else {
      const job: Job<S> = { kind: "publish", scope: { kind: "scope", outgoing: [out] } };
      if (this.#inTurn) this.#turns.add("back", [job]);
      // Members must not see what a transaction of the app's own may yet roll back.
      else if (!this.#context.afterCommit?.(() => this.#turn([job]))) this.#atOnce(job);
    }
  }

  /** Publishes an event that came from a Worker, counted as a message; throws where it could not be written. */
  publish(entry: string): void {
    const scope: Scope = { kind: "scope", outgoing: [{ entry }] };
    this.#atOnce({ kind: "publish", scope, counts: true });
  }

  /** Does what nobody waits for; throws where it could not be written, so that whoever asked for it knows. */
  #atOnce(job: Job<S>): void {
    const fault = this.#turn([job]);
    if (fault) throw new RoomError("failed", fault);
  }

  /** Entries that the running burst has published and not written yet, for reading the log. */
  unwritten(): readonly string[] {
    return this.#gathering.burst.entries;
  }

  /** Forgets a member that has left, unless it has something under way. */
  left(id: string): void {
    this.#sessions.left(id);
  }

  read(): Account {
    const account = this.#context.log.account();
    const gathered = this.#gathering.burst.messages;
    if (gathered === 0) return account;
    return { ...account, messages: account.messages + gathered, at: this.#context.now() };
  }

  count(): void {
    // A contract room's messages are counted by the row of their burst.
  }

  begin(): void {
    // The same: a message is counted when it is handled.
  }

  uncount(): void {
    // The same: a failed message was never counted.
  }

  forget(): void {
    this.#gathering.life += 1;
    this.#sessions.forget();
    this.#context.log.forget();
  }

  /** One turn: handle, write, send. Gives the fault of a turn that could not be written. */
  #turn(jobs: readonly Job<S>[], most = Infinity): TurnFault | undefined {
    const { log, transaction, members, limits } = this.#context;
    const gathering = this.#gathering;
    const burst = gathering.begin();
    const { epoch } = log;
    const isAlone = jobs.length === 1 && jobs[0]?.kind === "frame";
    const admitted: Turn<S>["admitted"] = [];
    const turn: Turn<S> = { queue: [...jobs], starts: [], admitted, isAlone, written: false };
    this.#inTurn = true;
    try {
      // A transaction costs as much as a statement: one message is not given two, nor who only comes one.
      if (isAlone || jobs.every(isQuiet)) this.#takeAll(turn, most);
      else transaction(() => this.#takeAll(turn, most));
    } catch (fault) {
      // Nothing of this burst is stored: everybody who sent something is told, and may send it again.
      return this.#giveUp(jobs, fault, "the commit of a burst");
    } finally {
      this.#inTurn = false;
    }
    const minted = log.epoch !== epoch && log.epoch !== null ? encodeItem(["n", log.epoch]) : "";
    for (const { socket, hello } of admitted) {
      const welcome = socket.readyState === 1 && this.#welcomeOrClose(socket, hello);
      if (!welcome) continue;
      const beside = this.#context.admitted?.(socket) ?? "";
      sendWelcome(socket, welcome, log, limits.lag, burst, beside, this.#lagging);
    }
    // Who was just welcomed is not among the members yet: it has all of that.
    sendBurst(members, burst, minted, log.head, this.#lagging);
    for (const { socket } of admitted) members.admit(socket);
    gathering.begin();
    if (turn.written) {
      this.#wrote = true;
      this.#context.wrote();
    }
    for (const start of turn.starts) start();
    return undefined;
  }

  /** Takes the jobs of a turn; what is left when it has `most` characters to send waits for the next. */
  #takeAll(turn: Turn<S>, most: number): void {
    const gathering = this.#gathering;
    const { burst } = gathering;
    for (let job = turn.queue.shift(); job; job = turn.queue.shift()) {
      if (burst.sent + burst.size > most) {
        this.#turns.add("front", [job, ...turn.queue.splice(0)]);
        break;
      }
      this.#take(job, turn);
      if (gathering.isFull && gathering.write()) turn.written = true;
    }
    if (gathering.write()) turn.written = true;
  }

  /** After a burst that could not be written: its clients come back and send again what was not answered. */
  #giveUp(jobs: readonly Job<S>[], cause: unknown, where: string): TurnFault {
    const { log, report } = this.#context;
    const id = report(cause, where);
    log.forget();
    this.#gathering.begin();
    this.#sessions.reload();
    for (const job of jobs) {
      if ("socket" in job && job.socket.readyState === 1)
        closeWith(job.socket, "failed", RETRY, idWords(id));
    }
    return { cause, id };
  }

  #take(job: Job<S>, turn: Turn<S>): void {
    const gathering = this.#gathering;
    switch (job.kind) {
      case "frame":
        return this.#requests.take(job, turn);
      case "publish":
        if (job.counts) gathering.burst.messages += 1;
        return gathering.addAll(job.scope);
      case "task":
        return this.#runTask(job.task);
      case "admit":
        turn.admitted.push(job);
        return gathering.addAll(job.scope);
      case "done":
        return this.#requests.end(job, turn);
      default:
        return job satisfies never;
    }
  }

  #runTask(task: Task): void {
    const gathering = this.#gathering;
    const before = savepoint(gathering.burst);
    try {
      gathering.handle(() => this.#context.transaction(() => task.run()));
    } catch (fault) {
      rollBack(gathering.burst, before);
      task.failed(fault);
    }
  }

  /** What a frame of presence is refused with; a connection that goes on for long is closed. */
  refusal(socket: S, text: string): Fault | "abuse" | undefined {
    return this.#admission.fault(socket, text);
  }

  /** The welcome of a connection. A snapshot that fails keeps out whoever asked for it, and nobody else. */
  #welcomeOrClose(socket: S, hello: Hello | undefined): Welcome | undefined {
    try {
      const { members, now } = this.#context;
      const { mark, running } = this.#sessions.greet(members.idOf(socket), hello, now());
      const ack = this.#lagging.acknowledgeEvery(socket);
      return welcomeOf(this.#context, socket, hello, Math.max(mark.n, running), ack);
    } catch (fault) {
      const id = this.#context.report(fault, "onSnapshot", socket);
      closeWith(socket, "failed", RETRY, idWords(id));
      return undefined;
    }
  }
}

/** What a turn has failed with, and the id under which it was reported. */
interface TurnFault {
  readonly cause: unknown;
  readonly id: string;
}

/** Whether a job writes nothing: a newcomer of whom nothing is told. */
function isQuiet(job: Job<Socket>): boolean {
  return job.kind === "admit" && job.scope.outgoing.length === 0;
}
