/** `useSend` and `useCall`: what becomes of what a component hands over to a room. */
import {
  type CallArguments,
  type ContractShape,
  type InputOf,
  type NameOf,
  type CallOutput,
  type OutputOf,
  RoomError,
  type RoomClient,
  type SchemaOf,
  type WaitOptions,
} from "@greenroom/client";
import { useCallback, useReducer } from "react";

/** Sending one kind of message. */
export interface Send<Shape extends ContractShape, Name extends NameOf<Shape, "messages">> {
  /**
   * Sends a message, as `room.send` does; the same function while the room and the name are. Who
   * does not wait for the promise need not catch its rejection.
   */
  readonly send: (
    value: InputOf<SchemaOf<Shape, "messages", Name>>,
    options?: WaitOptions,
  ) => Promise<void>;
  /** Whether something sent by this component waits for the room. */
  readonly isPending: boolean;
  /** Why the newest one failed; gone with the next. */
  readonly error: RoomError | undefined;
}

/** Making one kind of call. */
export interface Call<Shape extends ContractShape, Name extends NameOf<Shape, "calls">> {
  /**
   * Asks the room, as `room.call` does; the same function while the room and the name are. Who does
   * not wait for the promise need not catch its rejection.
   */
  readonly call: (
    ...args: CallArguments<Shape, Name>
  ) => Promise<OutputOf<CallOutput<Shape, "calls", Name>>>;
  /** The newest answer, also while the next is awaited. */
  readonly answer: OutputOf<CallOutput<Shape, "calls", Name>> | undefined;
  readonly isPending: boolean;
  /** Why the newest call failed; gone with the next. */
  readonly error: RoomError | undefined;
}

/** Sends messages of one name, with what becomes of them. */
export function useSend<Shape extends ContractShape, Name extends NameOf<Shape, "messages">>(
  room: RoomClient<Shape>,
  name: Name,
): Send<Shape, Name> {
  const { state, track } = useRequests<void>(room, name);
  const send = useCallback<Send<Shape, Name>["send"]>(
    (value, options) => track(room.send(name, value, options)),
    [room, name, track],
  );
  return { send, isPending: state.pending > 0, error: state.error };
}

/** Calls the room by one name, with what becomes of it. */
export function useCall<Shape extends ContractShape, Name extends NameOf<Shape, "calls">>(
  room: RoomClient<Shape>,
  name: Name,
): Call<Shape, Name> {
  const { state, track } = useRequests<OutputOf<CallOutput<Shape, "calls", Name>>>(room, name);
  const call = useCallback<Call<Shape, Name>["call"]>(
    (...args) => track(room.call(name, ...args)),
    [room, name, track],
  );
  return { call, answer: state.answer, isPending: state.pending > 0, error: state.error };
}

/** What is known of the requests of one name to one room. */
interface Requests<Answer> {
  readonly room: object;
  readonly name: string;
  readonly pending: number;
  /** The newest request: an older one that ends later changes neither answer nor error. */
  readonly newest: number;
  readonly answer: Answer | undefined;
  readonly error: RoomError | undefined;
}

type Change<Answer> = { readonly room: object; readonly name: string; readonly n: number } & (
  | { readonly type: "began" }
  | { readonly type: "answered"; readonly answer: Answer }
  | { readonly type: "failed"; readonly error: RoomError }
);

let count = 0;

function useRequests<Answer>(
  room: object,
  name: string,
): { state: Requests<Answer>; track: (request: Promise<Answer>) => Promise<Answer> } {
  const none = { room, name, pending: 0, newest: 0, answer: undefined, error: undefined };
  const [kept, change] = useReducer(
    (state: Requests<Answer>, change: Change<Answer>) => after(state, change),
    none,
  );
  const track = useCallback(
    (request: Promise<Answer>): Promise<Answer> => {
      const about = { room, name, n: (count += 1) };
      change({ ...about, type: "began" });
      request.then(
        (answer) => change({ ...about, type: "answered", answer }),
        (cause: unknown) => {
          const error = cause instanceof RoomError ? cause : new RoomError("failed", { cause });
          change({ ...about, type: "failed", error });
        },
      );
      return request;
    },
    [room, name],
  );
  // What was known of another room is not shown for this one.
  return { state: isAbout(kept, { room, name }) ? kept : none, track };
}

function isAbout(
  state: Pick<Requests<unknown>, "room" | "name">,
  { room, name }: Pick<Requests<unknown>, "room" | "name">,
): boolean {
  return state.room === room && state.name === name;
}

function after<Answer>(state: Requests<Answer>, change: Change<Answer>): Requests<Answer> {
  const { room, name, n } = change;
  const isSame = isAbout(state, change);
  if (change.type === "began") {
    const { pending, answer } = isSame ? state : { pending: 0, answer: undefined };
    return { room, name, pending: pending + 1, newest: n, answer, error: undefined };
  }
  if (!isSame) return state;
  const ended = { ...state, pending: state.pending - 1 };
  if (n < state.newest) return ended;
  return change.type === "answered"
    ? { ...ended, answer: change.answer }
    : { ...ended, error: change.error };
}
