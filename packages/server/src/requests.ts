/**
 * What members ask: a frame, from its number to its mark.
 *
 *   frame -> read -> new? -> route -> valid? -> handler, in a savepoint -> mark and answer
 *                     |                            |
 *                     | the first outcome again    | asynchronous: after the turn; its end is a job
 */
import { encodeItem, type Fault, type Mark } from "@greenroom/protocol";

import { RETRY } from "./admission.ts";
import { answer, rollBack, savepoint } from "./burst.ts";
import type { Gathering } from "./gathering.ts";
import { type End, runWithin } from "./handler-time.ts";
import { READ_ONLY } from "./handlers.ts";
import { type Numbered, readFrame, refuseFrame } from "./intake.ts";
import type { DeliveryContext, FrameJob, Job, Request, Route, Scope, Turn } from "./jobs.ts";
import type { Lagging } from "./lagging.ts";
import { closeWith, type Socket } from "./members.ts";
import { limitOf, waitingOf } from "./observe.ts";
import { Savepoints } from "./savepoints.ts";
import type { Session, Sessions } from "./sessions.ts";
import { answerItem } from "./size.ts";
import { notThenable } from "./thenable.ts";
import { faultOf } from "./told.ts";

/** Characters of frames that may wait behind one asynchronous handler. */
const WAITING = 1024 * 1024;

/** What requests share with delivery. */
export interface RequestsContext<S extends Socket> {
  readonly room: DeliveryContext<S>;
  readonly gathering: Gathering;
  readonly sessions: Sessions<FrameJob<S>>;
  readonly lagging: Lagging<S>;
  /** The largest message, in bytes of JSON. */
  readonly largest: number;
  /** Takes the end of an asynchronous handler in, for a later turn. */
  push(job: Job<S>): void;
}

/** The requests of one room's members. */
export class Requests<S extends Socket> {
  readonly #context: RequestsContext<S>;
  readonly #savepoints: Savepoints;

  constructor(context: RequestsContext<S>) {
    this.#context = context;
    this.#savepoints = new Savepoints(context.room);
  }

  /** Takes a frame. */
  take(job: FrameJob<S>, turn: Turn<S>): void {
    const { room, gathering, sessions, largest } = this.#context;
    const { socket, text, refused } = job;
    if (!room.members.isHeard(socket)) return; // superseded, or closed by the room
    const id = room.members.idOf(socket);
    const frame = refused ?? readFrame(text, largest);
    if (frame.kind === "malformed")
      answer(gathering.burst, id, encodeItem(["x", 0, { code: "malformed" }]));
    else if (frame.kind === "read") return; // written in another way than ours
    else if (frame.kind === "settled") room.settled(frame.id, id, frame.value);
    else this.#takeNumbered(job, frame, sessions.of(id), turn);
  }

  /** Takes the end of an asynchronous handler. */
  end(job: Extract<Job<S>, { kind: "done" }>, turn: Turn<S>): void {
    const { room, gathering, sessions } = this.#context;
    const { socket, session: id, n, scope, end, route, name, life } = job;
    if (life !== gathering.life) return; // the room it was carried out in has expired
    const { burst } = gathering;
    const session = sessions.of(id);
    session.running = 0;
    const isHeard = room.members.of(id) === socket;
    const before = savepoint(burst);
    try {
      const item = answerItem(route, n, end());
      burst.messages += 1;
      gathering.addAll(scope);
      sessions.accept(burst, session, n, item, isHeard);
    } catch (fault) {
      rollBack(burst, before);
      const told = faultOf(room, fault, name, undefined, isHeard ? socket : undefined);
      // What was given up may still be at work: its number is durable, so that it never runs twice.
      const known: Fault = scope.isOver ? { ...told, code: "timeout" } : told;
      sessions.reject(burst, session, n, known, isHeard, scope.isOver);
    }
    turn.queue.unshift(...session.waiting.splice(0));
  }

  #takeNumbered(
    job: FrameJob<S>,
    frame: Numbered,
    session: Session<FrameJob<S>>,
    turn: Turn<S>,
  ): void {
    const { room, gathering, sessions, lagging } = this.#context;
    const { n, isCall, name, value, fault } = frame;
    if (fault && !job.refused) room.tell?.("limit", () => limitOf(session.id, false, 0));
    const { burst } = gathering;
    if (n === 0 && fault) return answer(burst, session.id, encodeItem(["x", 0, fault]));
    if (session.running) return this.#defer(session, job);
    if (n <= session.mark.n) {
      if (!lagging.isChoked(job.socket)) return sessions.repeat(burst, session, n, isCall);
      // It asks for more of what it does not read; on a new connection it may ask again.
      return closeWith(job.socket, "limited", RETRY);
    }
    const route = fault ? undefined : room.route(name);
    if (route?.kind !== (isCall ? "call" : "message"))
      return sessions.reject(burst, session, n, fault ?? { code: "unknown" });
    if (!route.reads && room.members.isReadOnly(job.socket))
      return sessions.reject(burst, session, n, { code: "refused", reason: READ_ONLY });
    return this.#carryOut({ socket: job.socket, session, n, route, name }, value, turn);
  }

  /** Lets a frame wait behind its session's asynchronous handler; where too much waits, only its number does. */
  #defer(session: Session<FrameJob<S>>, job: FrameJob<S>): void {
    const waiting = session.waiting.reduce((sum, { text }) => sum + text.length, 0);
    const fits = waiting + job.text.length <= WAITING;
    const fault: Fault = { code: "limited", retryAfter: RETRY };
    if (!fits) this.#context.room.tell?.("limit", () => waitingOf(session.id, RETRY));
    session.waiting.push(fits ? job : { ...job, text: "", refused: refuseFrame(job.text, fault) });
  }

  #carryOut(request: Request<S>, value: unknown, turn: Turn<S>): void {
    const { room, gathering, sessions } = this.#context;
    const { socket, session, n, route, name } = request;
    const { burst } = gathering;
    let input: unknown;
    try {
      input = route.input(value);
    } catch (fault) {
      return sessions.reject(burst, session, n, faultOf(room, fault, name, socket));
    }
    if (route.isAsync) {
      session.running = n;
      turn.starts.push(() => this.#start(request, input));
      return undefined;
    }
    const before = savepoint(burst);
    const { mark } = session;
    try {
      const handler = (): string | undefined => this.#run(route, session.id, n, input);
      this.#savepoints.run(name, handler, (item) => {
        sessions.accept(burst, session, n, item);
        if (turn.isAlone && gathering.write()) turn.written = true;
      });
    } catch (fault) {
      rollBack(burst, before);
      if (session.mark !== mark) this.#takeBack(session, mark); // the write has failed
      sessions.reject(burst, session, n, faultOf(room, fault, name, socket));
    }
    return undefined;
  }

  /** After a lone message whose row could not be written: nothing of it was, and nothing is said of it. */
  #takeBack(session: Session<FrameJob<S>>, mark: Mark): void {
    const { room, gathering } = this.#context;
    session.mark = mark;
    gathering.burst.marks.clear();
    gathering.burst.answers.clear();
    room.log.forget();
  }

  /** Runs a synchronous handler; a call's answer comes back as the item that will be sent. */
  #run(route: Route, id: string, n: number, input: unknown): string | undefined {
    const { gathering } = this.#context;
    gathering.burst.messages += 1;
    return gathering.handle(() =>
      answerItem(route, n, notThenable(route.run(id, input), "A handler")),
    );
  }

  /** Runs an asynchronous handler outside the turn; what it publishes waits for its end. */
  #start({ socket, session: { id }, n, route, name }: Request<S>, input: unknown): void {
    const { room, gathering, push } = this.#context;
    const scope: Scope = { kind: "scope", outgoing: [] };
    const { life } = gathering;
    const done = (end: End): void =>
      push({ kind: "done", socket, life, session: id, n, scope, end, route, name });
    runWithin(room.limits.handlerTime, room.after, scope, () => route.run(id, input), done);
  }
}
