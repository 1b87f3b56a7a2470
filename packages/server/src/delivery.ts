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
import {
  encodeItem,
  type Fault,
  type Hello,
  type Mark,
  RoomError,
  type Welcome,
} from "@greenroom/protocol";

import { idWords } from "./accept.ts";
import { Admission, RETRY } from "./admission.ts";
import { answer, type Burst, emptyBurst, rollBack, savepoint } from "./burst.ts";
import { sendBurst, sendWelcome } from "./fan-out.ts";
import { type End, runWithin } from "./handler-time.ts";
import { READ_ONLY } from "./handlers.ts";
import { type Numbered, readFrame, refuseFrame } from "./intake.ts";
import {
  isScope,
  type DeliveryContext,
  type FrameJob,
  type Job,
  type Request,
  type Route,
  type Scope,
  type Turn,
} from "./jobs.ts";
import { Lagging } from "./lagging.ts";
import type { Account, Ledger } from "./ledger.ts";
import { closeWith, type Socket } from "./members.ts";
import { limitOf, waitingOf } from "./observe.ts";
import { Savepoints } from "./savepoints.ts";
import type { Task } from "./schedule.ts";
import { currentScope } from "./scope.ts";
import { type Session, Sessions } from "./sessions.ts";
import { answerItem } from "./size.ts";
import { notThenable } from "./thenable.ts";
import { faultOf } from "./told.ts";
import { Turns } from "./turns.ts";
import { welcomeOf } from "./welcome.ts";

/** Characters gathered in a burst after which it is written, so that no row nears the platform's 2 MB. */
const WRITE_AT = 256 * 1024;
/** Entries after which a burst is written, so that the log's bounds are kept to. */
const WRITE_ENTRIES = 128;
/** Characters of frames that may wait behind one asynchronous handler. */
const WAITING = 1024 * 1024;
/** Characters after which a turn ends and leaves the rest to the next: what it sends is one frame a member. */
const TURN = 1024 * 1024;

/** One room's delivery. */
export class Delivery<S extends Socket> implements Ledger {
  readonly #context: DeliveryContext<S>;
  readonly #sessions: Sessions<FrameJob<S>>;
  readonly #lagging: Lagging<S>;
  readonly #admission: Admission<S>;
  readonly #savepoints: Savepoints;
  readonly #turns: Turns<Job<S>>;
  #wrote = false;
  #burst: Burst = emptyBurst();
  /** Where a synchronous handler publishes: straight into the burst. */
  #inHandler = false;
  /** Whether a turn of delivery is under way: what user code publishes then waits for its end. */
  #inTurn = false;
  /** Counts purges: what an older life began has no place in the new one. */
  #life = 0;

  constructor(context: DeliveryContext<S>) {
    this.#context = context;
    this.#sessions = new Sessions(context.log);
    this.#savepoints = new Savepoints(context);
    this.#turns = new Turns({
      ...context,
      turn: (jobs) => {
        this.#wrote = false;
        this.#turn(jobs, TURN);
        return this.#wrote;
      },
    });
    const { log, limits, after, places } = context;
    this.#lagging = new Lagging({
      log,
      lag: limits.lag,
      after,
      places,
      again: (socket, seq) =>
        this.#welcomeOrClose(socket, { session: "", epoch: log.span().epoch, seq }),
    });
    this.#admission = new Admission(context, this.#lagging);
  }

  /** Takes a frame in; resolves when its burst has been handled: `undefined` where it is already. */
  receive(socket: S, text: string): Promise<void> | undefined {
    const refused = this.#admission.refusal(socket, text);
    if (refused === "done") return undefined;
    if (!refused) return this.#turns.push({ kind: "frame", socket, text });
    // The text is let go of: only its number waits for its turn.
    return this.#turns.push({ kind: "frame", socket, text: "", refused });
  }

  /** Lets a socket in: its welcome, what it missed, and what its `onConnect` published, in one turn. */
  admit(socket: S, hello: Hello | undefined, scope: Scope): Promise<void> | undefined {
    return this.#turns.push({ kind: "admit", socket, hello, scope });
  }

  /** Where a hook gathers what it publishes. */
  scope(): Scope {
    return { kind: "scope", outgoing: [], life: this.#life };
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
    if (this.#inHandler) {
      this.#add(out);
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
      else if (!this.#context.afterCommit?.(() => this.#turn([job]))) this.#turn([job]);
    }
  }

  /** Publishes an event that came from a Worker, counted as a message; throws where it could not be written. */
  publish(entry: string): void {
    const scope: Scope = { kind: "scope", outgoing: [{ entry }] };
    const fault = this.#turn([{ kind: "publish", scope, counts: true }]);
    if (fault !== undefined) throw new RoomError("failed", fault);
  }

  /** Entries that the running burst has published and not written yet, for reading the log. */
  unwritten(): readonly string[] {
    return this.#burst.entries;
  }

  /** Forgets a member that has left, unless it has something under way. */
  left(id: string): void {
    this.#sessions.left(id);
  }

  read(): Account {
    const account = this.#context.log.account();
    const gathered = this.#burst.messages;
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
    this.#life += 1;
    this.#sessions.forget();
    this.#context.log.forget();
  }

  /** One turn: handle, write, send. Gives the fault of a turn that could not be written. */
  #turn(
    jobs: readonly Job<S>[],
    most = Infinity,
  ): { readonly cause: unknown; readonly id: string } | undefined {
    const { log, transaction, report, members, limits } = this.#context;
    const burst = (this.#burst = emptyBurst());
    const epoch = log.span().epoch;
    const isAlone = jobs.length === 1 && jobs[0]?.kind === "frame";
    const turn: Turn<S> = { queue: [...jobs], starts: [], admitted: [], isAlone, written: false };
    const { admitted } = turn;
    this.#inTurn = true;
    try {
      // A transaction costs as much as a statement: one message is not given two.
      if (isAlone) this.#takeAll(turn, most);
      else transaction(() => this.#takeAll(turn, most));
    } catch (fault) {
      // Nothing of this burst is stored: everybody who sent something is told, and may send it again.
      const id = report(fault, "the commit of a burst");
      this.#giveUp(jobs, id);
      return { cause: fault, id };
    } finally {
      this.#inTurn = false;
    }
    const span = log.span();
    const minted = span.epoch !== epoch && span.epoch !== null ? encodeItem(["n", span.epoch]) : "";
    for (const { socket, hello } of admitted) {
      const welcome = socket.readyState === 1 ? this.#welcomeOrClose(socket, hello) : undefined;
      if (!welcome) continue;
      const beside = this.#context.admitted?.(socket) ?? "";
      sendWelcome(socket, welcome, log, limits.lag, burst, beside, this.#lagging);
    }
    const welcomed = new Set(admitted.map(({ socket }) => socket));
    sendBurst(members, burst, minted, span.head, welcomed, this.#lagging);
    for (const { socket } of admitted) members.admit(socket);
    this.#burst = emptyBurst();
    if (turn.written) {
      this.#wrote = true;
      this.#context.wrote();
    }
    for (const start of turn.starts) start();
    return undefined;
  }

  /** Takes the jobs of a turn; what is left when it has `most` characters to send waits for the next. */
  #takeAll(turn: Turn<S>, most: number): void {
    const burst = this.#burst;
    for (let job = turn.queue.shift(); job; job = turn.queue.shift()) {
      if (burst.sent + burst.size > most) {
        this.#turns.add("front", [job, ...turn.queue.splice(0)]);
        break;
      }
      this.#take(job, turn);
      if (burst.size > WRITE_AT || burst.entries.length >= WRITE_ENTRIES) this.#write(turn);
    }
    this.#write(turn);
  }

  /** After a burst that could not be written: its clients come back and send again what was not answered. */
  #giveUp(jobs: readonly Job<S>[], id: string): void {
    const { log } = this.#context;
    log.forget();
    this.#burst = emptyBurst();
    this.#sessions.reload();
    for (const job of jobs) {
      const socket = "socket" in job ? job.socket : undefined;
      if (socket?.readyState === 1) closeWith(socket, "failed", RETRY, idWords(id));
    }
  }

  #take(job: Job<S>, turn: Turn<S>): void {
    switch (job.kind) {
      case "frame":
        return this.#takeFrame(job, turn);
      case "publish":
        if (job.counts) this.#burst.messages += 1;
        return this.#addAll(job.scope);
      case "task":
        return this.#runTask(job.task);
      case "admit":
        this.#addAll(job.scope);
        turn.admitted.push(job);
        return undefined;
      case "done":
        return this.#takeDone(job, turn);
      default:
        return assertNever(job);
    }
  }

  #runTask(task: Task): void {
    const before = savepoint(this.#burst);
    this.#inHandler = true;
    try {
      this.#context.transaction(() => task.run());
    } catch (fault) {
      rollBack(this.#burst, before);
      task.failed(fault);
    } finally {
      this.#inHandler = false;
    }
  }

  /** What a frame is refused with before it is read; a connection that goes on for long is closed. */
  refusal(socket: S, text: string): Fault | "abuse" | undefined {
    return this.#admission.fault(socket, text);
  }

  #takeFrame(job: FrameJob<S>, turn: Turn<S>): void {
    const { socket, text, refused } = job;
    if (socket.readyState !== 1) return; // superseded, or closed by the room
    const id = this.#context.members.idOf(socket);
    const frame = refused ?? readFrame(text, this.#admission.largest);
    if (frame.kind === "malformed")
      answer(this.#burst, id, encodeItem(["x", 0, { code: "malformed" }]));
    else if (frame.kind === "read") return; // written in another way than ours
    else if (frame.kind === "settled") this.#context.settled(frame.id, id, frame.value);
    else this.#takeNumbered(job, frame, this.#sessions.of(id), turn);
  }

  #takeNumbered(
    job: FrameJob<S>,
    frame: Numbered,
    session: Session<FrameJob<S>>,
    turn: Turn<S>,
  ): void {
    const { n, isCall, name, value, fault } = frame;
    if (fault && !job.refused) this.#context.tell?.("limit", () => limitOf(session.id, false, 0));
    const burst = this.#burst;
    if (n === 0 && fault) return answer(burst, session.id, encodeItem(["x", 0, fault]));
    if (session.running) return this.#defer(session, job);
    if (n <= session.mark.n) {
      if (!this.#lagging.isChoked(job.socket))
        return this.#sessions.repeat(burst, session, n, isCall);
      // It asks for more of what it does not read; on a new connection it may ask again.
      return closeWith(job.socket, "limited", RETRY);
    }
    const route = fault ? undefined : this.#context.route(name);
    if (route?.kind !== (isCall ? "call" : "message"))
      return this.#sessions.reject(burst, session, n, fault ?? { code: "unknown" });
    if (!route.reads && this.#context.members.isReadOnly(job.socket))
      return this.#sessions.reject(burst, session, n, { code: "refused", reason: READ_ONLY });
    return this.#carryOut({ socket: job.socket, session, n, route, name }, value, turn);
  }

  /** Lets a frame wait behind its session's asynchronous handler; where too much waits, only its number does. */
  #defer(session: Session<FrameJob<S>>, job: FrameJob<S>): void {
    const waiting = session.waiting.reduce((sum, { text }) => sum + text.length, 0);
    const fits = waiting + job.text.length <= WAITING;
    const fault: Fault = { code: "limited", retryAfter: RETRY };
    if (!fits) this.#context.tell?.("limit", () => waitingOf(session.id, RETRY));
    session.waiting.push(fits ? job : { ...job, text: "", refused: refuseFrame(job.text, fault) });
  }

  #carryOut(request: Request<S>, value: unknown, turn: Turn<S>): void {
    const { socket, session, n, route, name } = request;
    let input: unknown;
    try {
      input = route.input(value);
    } catch (fault) {
      return this.#sessions.reject(
        this.#burst,
        session,
        n,
        faultOf(this.#context, fault, name, socket),
      );
    }
    if (route.isAsync) {
      session.running = n;
      turn.starts.push(() => this.#start(request, input));
      return undefined;
    }
    const burst = this.#burst;
    const before = savepoint(burst);
    const { mark } = session;
    try {
      const handler = (): string | undefined => this.#runHandler(route, session.id, n, input);
      this.#savepoints.run(name, handler, (item) => {
        this.#sessions.accept(burst, session, n, item);
        if (turn.isAlone) this.#write(turn);
      });
    } catch (fault) {
      rollBack(burst, before);
      if (session.mark !== mark) this.#takeBack(session, mark); // the write has failed
      this.#sessions.reject(burst, session, n, faultOf(this.#context, fault, name, socket));
    }
    return undefined;
  }

  /** After a lone message whose row could not be written: nothing of it was, and nothing is said of it. */
  #takeBack(session: Session<FrameJob<S>>, mark: Mark): void {
    session.mark = mark;
    this.#burst.marks.clear();
    this.#burst.answers.clear();
    this.#context.log.forget();
  }

  /** Runs a synchronous handler; a call's answer comes back as the item that will be sent. */
  #runHandler(route: Route, id: string, n: number, input: unknown): string | undefined {
    this.#burst.messages += 1;
    this.#inHandler = true;
    try {
      return answerItem(route, n, notThenable(route.run(id, input), "A handler"));
    } finally {
      this.#inHandler = false;
    }
  }

  /** Runs an asynchronous handler outside the turn; what it publishes waits for its end. */
  #start({ socket, session, n, route, name }: Request<S>, input: unknown): void {
    const { limits, after } = this.#context;
    const scope: Scope = { kind: "scope", outgoing: [] };
    const life = this.#life;
    const done = (end: End): void => {
      // Awaited by nobody: the burst that takes it reports what goes wrong.
      void this.#turns.push({
        kind: "done",
        socket,
        life,
        session: session.id,
        n,
        scope,
        end,
        route,
        name,
      });
    };
    runWithin(limits.handlerTime, after, scope, () => route.run(session.id, input), done);
  }

  #takeDone(job: Extract<Job<S>, { kind: "done" }>, turn: Turn<S>): void {
    const { socket, session: id, n, scope, end, route, name, life } = job;
    if (life !== this.#life) return; // the room it was carried out in has expired
    const session = this.#sessions.of(id);
    session.running = 0;
    const isHeard = this.#context.members.of(id) === socket;
    const before = savepoint(this.#burst);
    try {
      const item = answerItem(route, n, end());
      this.#burst.messages += 1;
      this.#addAll(scope);
      this.#sessions.accept(this.#burst, session, n, item, isHeard);
    } catch (fault) {
      rollBack(this.#burst, before);
      const told = faultOf(this.#context, fault, name, undefined, isHeard ? socket : undefined);
      // What was given up may still be at work: its number is durable, so that it never runs twice.
      const known: Fault = scope.isOver ? { ...told, code: "timeout" } : told;
      this.#sessions.reject(this.#burst, session, n, known, isHeard, scope.isOver);
    }
    turn.queue.unshift(...session.waiting.splice(0));
  }

  #addAll(scope: Scope): void {
    if ((scope.life ?? this.#life) !== this.#life) return; // the room of its hook was purged
    for (const out of scope.outgoing) this.#add(out);
  }

  #add(out: Scope["outgoing"][number]): void {
    const burst = this.#burst;
    if ("entry" in out) {
      burst.outgoing.push({
        seq: this.#context.log.span().head + burst.entries.length + 1,
        entry: out.entry,
      });
      burst.entries.push(out.entry);
      burst.size += out.entry.length;
    } else {
      burst.outgoing.push(out);
      burst.size += out.item.length;
    }
  }

  /** Writes what was gathered since the last write. */
  #write(turn: Turn<S>): void {
    const context = this.#context;
    const burst = this.#burst;
    const { entries, marks, messages } = burst;
    if (entries.length === 0 && marks.size === 0 && messages === 0) return;
    const bill = context.bill?.() ?? "";
    context.log.write({ entries, marks, messages, bill, at: context.now() });
    burst.entries = [];
    burst.marks = new Map();
    burst.messages = 0;
    burst.sent += burst.size;
    burst.size = 0;
    turn.written = true;
  }

  /** The welcome of a connection. A snapshot that fails keeps out whoever asked for it, and nobody else. */
  #welcomeOrClose(socket: S, hello: Hello | undefined): Welcome | undefined {
    try {
      const { members, now } = this.#context;
      const isBack = hello !== undefined && hello.seq !== null;
      const { mark, running } = this.#sessions.greet(members.idOf(socket), isBack, now());
      const ack = this.#lagging.acknowledgeEvery(socket);
      return welcomeOf(this.#context, socket, hello, Math.max(mark.n, running), ack);
    } catch (fault) {
      const id = this.#context.report(fault, "onSnapshot", socket);
      closeWith(socket, "failed", RETRY, idWords(id));
      return undefined;
    }
  }
}

function assertNever(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
