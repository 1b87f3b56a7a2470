// Types that must survive the mixin: Env, statics and protected members of the base.
import { Room, type RoomLifecycle, RoomServer, withRoomLifecycle } from "@greenroom/server";
import { Server } from "partyserver";
import { YServer } from "y-partyserver";

interface MyEnv extends Cloudflare.Env {
  readonly SECRET: string;
}

class Base extends Server<MyEnv> {
  static readonly kind = "base";
  static make(): string {
    return this.kind;
  }
  protected secret(): string {
    return this.env.SECRET;
  }
  shared(): number {
    return 1;
  }
}

export class Mixed extends withRoomLifecycle(Base) {
  static override lifecycle = { expireAfter: 5_000, rearm: "lazy" as const };

  use(): void {
    this.secret() satisfies string;
    this.shared() satisfies number;
    this.env.SECRET satisfies string;
    this.ctx satisfies DurableObjectState;
    this.lifecycle.messages satisfies number;
    this.lifecycle.deadline satisfies number | null;
    // @ts-expect-error the view is for reading
    this.lifecycle.messages = 1;
    // @ts-expect-error Env has no such binding
    void this.env.NOTHING;
  }

  override onExpire(): number {
    return 1_000;
  }
}

Mixed.kind satisfies "base";
Mixed.make() satisfies string;

export class MixedDocument extends withRoomLifecycle(YServer) {
  use(): void {
    void this.document;
    this.lifecycle.expireAfter satisfies number;
  }
}

export class RoomWithEnv extends Room<MyEnv> {
  use(): void {
    this.env.SECRET satisfies string;
    this.lifecycle.phase satisfies "new" | "active" | "expiring" | "gone";
  }
}

// @ts-expect-error an option of another type
export class BadOption extends withRoomLifecycle(RoomServer) {
  static override lifecycle = { expireAfter: "soon" };
}

// @ts-expect-error applied twice
withRoomLifecycle(Mixed);
// @ts-expect-error not a Server
withRoomLifecycle(Map);
// @ts-expect-error a room has it already
withRoomLifecycle(Room);

export type Namespace = DurableObjectNamespace<Mixed>;
export type Added = RoomLifecycle["lifecycle"];
