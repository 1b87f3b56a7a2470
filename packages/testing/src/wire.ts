/** One dial of a test client: its end of the socket, the room's end, and what lies between. */
import { PING, PONG } from "@greenroom/protocol";

import type { Bound, FrameFault } from "./frame-faults.ts";

/** What travels. */
type Parcel =
  | { readonly frame: string | ArrayBuffer }
  | { readonly code: number | undefined; readonly reason: string };

/** How a wire is made. */
export interface WireOptions {
  /** The handshake; gives the client's end of the room's socket. */
  readonly dial: () => Promise<WebSocket>;
  /** Nothing passes from the beginning: not even the handshake. */
  readonly stalled: boolean;
  /** The room's end is not read from: what the room sends waits there. Until `flow`. */
  readonly unread: boolean;
  /** What happens to the next frame. */
  readonly fault: (to: Bound) => FrameFault | undefined;
  /** Whether a frame that is to be overtaken waits for the next one however long that takes. */
  readonly isPatient: () => boolean;
  /** The room has closed it, or is gone; not when it answers a close. */
  readonly endedByRoom: (code: number, reason: string) => void;
  readonly ended: () => void;
}

/** A connection that broke without a close frame. */
const BROKEN = 1006;
/** How long a frame that is to be overtaken waits for the next one, in ms. */
const OVERTAKE = 20;

/** The client's end: what the client takes for a `WebSocket`. */
export class WireEnd extends EventTarget {
  readyState = 0;
  binaryType = "arraybuffer";
  readonly extensions = "";
  readonly protocol = "";
  readonly bufferedAmount = 0;
  /** Set by the wire, before anybody can send. */
  wire: Pick<Wire, "sent" | "hungUp"> | undefined;

  send(frame: string | ArrayBuffer): void {
    if (this.readyState === 0) throw new DOMException("The socket is not open yet.");
    if (this.readyState === 1) this.wire?.sent(frame);
  }

  close(code?: number, reason = ""): void {
    if (this.readyState > 1) return;
    this.readyState = 2;
    this.wire?.hungUp(code, reason);
  }
}

/** The wire. Frames keep their order in each direction, except where a fault says otherwise. */
export class Wire {
  readonly #client: WireEnd;
  readonly #options: WireOptions;
  readonly #waiting: { readonly to: Bound; readonly parcel: Parcel }[] = [];
  readonly #overtaken: Partial<Record<Bound, Parcel>> = {};
  /** Who asked for the pongs that are still to come. */
  readonly #pings: ("client" | (() => void))[] = [];
  readonly #opened: Promise<void>;
  #flow = (): void => undefined;
  #room: WebSocket | undefined;
  #stalled: boolean;
  /** What the room sends is read. */
  #isRead = false;
  /** The client has closed, and the room was told. */
  #hungUp = false;
  /** The ends that are gone. */
  readonly #gone = { room: false, client: false };

  constructor(client: WireEnd, options: WireOptions) {
    this.#client = client;
    this.#options = options;
    this.#stalled = options.stalled;
    client.wire = this;
    this.#opened = this.#open();
  }

  /** Whether both ends are there, and anything passes. */
  get isWhole(): boolean {
    return !this.#stalled && !this.#gone.room && !this.#gone.client;
  }

  /** Whether frames can pass. */
  get isOpen(): boolean {
    return this.isWhole && this.#client.readyState === 1;
  }

  /** From the client. */
  sent(frame: string | ArrayBuffer): void {
    if (frame === PING) this.#pass("room", { frame });
    else this.#enter("room", { frame });
  }

  /** By the client. */
  hungUp(code: number | undefined, reason: string): void {
    this.#pass("room", { code, reason });
  }

  /** Ends it for both. */
  cut(): void {
    this.#lose("room");
    this.#lose("client");
  }

  stall(): void {
    this.#stalled = true;
  }

  /** Delivers what has waited, and goes on. */
  flow(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#flow();
    for (const { to, parcel } of this.#waiting.splice(0)) this.#pass(to, parcel);
  }

  /** Delivers what waits to be overtaken, and by nothing else any more. */
  overtake(): void {
    this.#catchUp("room");
    this.#catchUp("client");
  }

  /** One end is gone, and the other is not told. */
  halfOpen(dead: Bound): void {
    this.#lose(dead);
    this.#gone.client = true;
    this.#gone.room = true;
    this.#options.ended();
  }

  /** Waits until what the room has sent is here. */
  async settle(): Promise<void> {
    if (!this.isWhole) return;
    await this.#opened;
    if (!this.isWhole || !this.#room) return;
    await new Promise<void>((resolve) => {
      this.#pings.push(resolve);
      if (this.#room?.readyState === 1) this.#room.send(PING);
      else this.#ended(BROKEN, "");
    });
  }

  async #open(): Promise<void> {
    if (this.#stalled) {
      await new Promise<void>((resolve) => {
        this.#flow = resolve;
      });
    }
    try {
      const room = await this.#options.dial();
      this.#room = room;
      room.binaryType = "arraybuffer";
      room.addEventListener("message", ({ data }) => this.#heard(data as string | ArrayBuffer));
      room.addEventListener("close", ({ code, reason }) => this.#ended(code, reason));
      room.addEventListener("error", () => this.#ended(BROKEN, ""));
      if (this.#options.unread) {
        this.#stalled = true;
        this.#flow = () => this.#read();
      } else this.#read();
    } catch {
      // A room or a Worker that answers with something else: no browser tells what it was.
      this.#gone.room = true;
      this.#lose("client");
      return;
    }
    // The client may have hung up while the handshake was under way.
    if (this.#gone.room) return this.#shut(undefined, "");
    if (this.#client.readyState === 0) {
      this.#client.readyState = 1;
      this.#client.dispatchEvent(new Event("open"));
    }
  }

  /** A socket of workerd is read, and can send, once it is accepted. */
  #read(): void {
    if (this.#isRead || !this.#room) return; // cut off while the handshake was under way
    this.#isRead = true;
    this.#room.accept();
  }

  #heard(data: string | ArrayBuffer): void {
    if (data !== PONG) return this.#enter("client", { frame: data });
    const who = this.#pings.shift();
    if (typeof who === "function") who();
    else this.#pass("client", { frame: data });
  }

  /** The room has closed, or is gone. */
  #ended(code: number, reason: string): void {
    for (const who of this.#pings.splice(0)) if (typeof who === "function") who();
    this.#shut(undefined, ""); // workerd waits for the answer
    // A room that answers a close ends it; of one that is gone already the client was told, or is not.
    if (this.#gone.room && !this.#hungUp) return;
    this.#gone.room = true;
    if (!this.#hungUp) this.#options.endedByRoom(code, reason);
    this.#pass("client", { code, reason });
  }

  /** A frame comes onto the wire. */
  #enter(to: Bound, parcel: Parcel): void {
    const fault = this.#options.fault(to);
    switch (fault) {
      case undefined:
        return this.#pass(to, parcel);
      case "cut":
        return this.cut();
      case "cut-after":
        this.#pass(to, parcel);
        return this.cut();
      case "stall":
        this.stall();
        return this.#pass(to, parcel);
      case "half-open":
        return this.halfOpen(to);
      case "duplicate":
        this.#pass(to, parcel);
        return this.#pass(to, parcel);
      case "reorder":
        return this.#hold(to, parcel);
      default:
        return fault satisfies never;
    }
  }

  #hold(to: Bound, parcel: Parcel): void {
    this.#overtaken[to] = parcel;
    if (!this.#options.isPatient()) setTimeout(() => this.#catchUp(to), OVERTAKE);
  }

  #catchUp(to: Bound): void {
    const parcel = this.#overtaken[to];
    delete this.#overtaken[to];
    if (parcel) this.#pass(to, parcel);
  }

  #pass(to: Bound, parcel: Parcel): void {
    if (this.#stalled) this.#waiting.push({ to, parcel });
    else {
      this.#deliver(to, parcel);
      this.#catchUp(to);
    }
  }

  #deliver(to: Bound, parcel: Parcel): void {
    if (this.#gone[to]) return;
    if (!("frame" in parcel)) {
      if (to === "room") this.#hungUp = true;
      return this.#lose(to, parcel.code, parcel.reason);
    }
    const { frame } = parcel;
    if (to === "client") {
      if (this.#client.readyState === 1)
        this.#client.dispatchEvent(new MessageEvent("message", { data: frame }));
      return;
    }
    if (frame === PING) this.#pings.push("client");
    try {
      this.#room?.send(frame);
    } catch {
      // The room has closed meanwhile, and its close is on its way.
    }
  }

  /** One end is told that the connection is over. */
  #lose(end: Bound, code?: number, reason = ""): void {
    if (this.#gone[end]) return;
    this.#gone[end] = true;
    if (this.#gone.room && this.#gone.client) this.#options.ended();
    if (end === "room") return this.#shut(code, reason);
    if (this.#client.readyState < 3) {
      this.#client.readyState = 3;
      const told = { code: code ?? BROKEN, reason, wasClean: code !== undefined };
      this.#client.dispatchEvent(new CloseEvent("close", told));
    }
  }

  #shut(code: number | undefined, reason: string): void {
    try {
      this.#read();
      if (code === undefined) this.#room?.close();
      else this.#room?.close(code, reason);
    } catch {
      // Closed already.
    }
  }
}
