import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";

import { contract, type ContractShape, RoomError, type Schema, validate } from "../src/index.ts";

/** One schema in each library: a person whose age travels as a text. */
const LIBRARIES: [string, { person: Schema; age: Schema; tags: Schema }][] = [
  [
    "zod",
    {
      person: z.object({ name: z.string().min(1), home: z.object({ town: z.string() }) }),
      age: z.string().transform(Number),
      tags: z.array(z.string()),
    },
  ],
  [
    "valibot",
    {
      person: v.object({
        name: v.pipe(v.string(), v.minLength(1)),
        home: v.object({ town: v.string() }),
      }),
      age: v.pipe(v.string(), v.transform(Number)),
      tags: v.array(v.string()),
    },
  ],
  [
    "arktype",
    {
      person: type({ name: "string >= 1", home: { town: "string" } }),
      age: type("string").pipe(Number),
      tags: type("string[]"),
    },
  ],
];

describe.each(LIBRARIES)("a contract of %s", (_, { person, age, tags }) => {
  test("[K1] takes its schemas in every part", () => {
    const shape = {
      name: "chat",
      messages: { say: person },
      events: { said: person },
      signals: { typing: age },
      calls: { up: { input: age, output: tags }, now: { output: age } },
      asks: { name: { output: age } },
      presence: person,
      claims: person,
      snapshot: tags,
    } satisfies ContractShape;
    expect(contract(shape).shape).toBe(shape);
  });

  test("[K1] a value that matches is given back, one that does not is a value, too", () => {
    const ann = { name: "ann", home: { town: "Ulm" } };
    expect(validate(person, ann)).toEqual({ ok: true, value: ann });
    expect(validate(person, { name: "ann" })).toMatchObject({ ok: false });
    expect(validate(person, undefined)).toMatchObject({ ok: false });
    expect(validate(tags, null)).toMatchObject({ ok: false });
  });

  test("[K2] what a schema transforms arrives transformed", () => {
    expect(validate(age, "42")).toEqual({ ok: true, value: 42 });
  });

  test("[K5] an issue says where by the path of its keys", () => {
    const inside = validate(person, { name: "ann", home: { town: 7 } });
    expect(inside).toEqual({
      ok: false,
      issues: [{ message: expect.any(String), path: "home.town" }],
    });
    const second = validate(tags, ["a", 7]);
    expect(second).toEqual({ ok: false, issues: [{ message: expect.any(String), path: "1" }] });
  });

  test("[K5] at most eight issues are reported", () => {
    const many = validate(
      tags,
      Array.from({ length: 50 }, (_, index) => index),
    );
    expect(many.ok ? 0 : many.issues.length).toBeLessThanOrEqual(8);
    expect(many.ok).toBe(false);
  });
});

describe("what takes no value", () => {
  test("[K1] no schema takes nothing but nothing", () => {
    expect(validate(undefined, undefined)).toEqual({ ok: true, value: undefined });
    expect(validate(undefined, null)).toEqual({ ok: true, value: undefined });
    expect(validate(undefined, 7)).toMatchObject({ ok: false, issues: [{ path: "" }] });
  });
});

describe("issues of any schema", () => {
  const failing = (
    issues: readonly { message: string; path?: readonly PropertyKey[] }[],
  ): Schema => ({
    "~standard": { version: 1, vendor: "test", validate: () => ({ issues }) },
  });

  test("[K5] long texts and paths are cut, and symbols are no fault", () => {
    const long = "x".repeat(1000);
    expect(validate(failing([{ message: long, path: [long, "b"] }]), 1)).toEqual({
      ok: false,
      issues: [{ message: "x".repeat(200), path: "x".repeat(200) }],
    });
    expect(validate(failing([{ message: "m", path: ["a", 0, Symbol("s")] }]), 1)).toEqual({
      ok: false,
      issues: [{ message: "m", path: "a.0.Symbol(s)" }],
    });
  });

  test("[K5] a failure without an issue is a failure", () => {
    expect(validate(failing([]), 1)).toEqual({ ok: false, issues: [] });
  });
});

describe("a promise as an answer", () => {
  const later = (result: unknown): Schema => ({
    // SAFETY: a schema that does not keep to its type is what is tested.
    "~standard": { version: 1, vendor: "test", validate: () => result as { value: unknown } },
  });

  test("[K4] is refused, and its rejection is nobody's business", async () => {
    for (const schema of [
      later(Promise.resolve({ value: 1 })),
      later(Promise.reject(new Error("later"))),
      // oxlint-disable-next-line unicorn/no-thenable -- a promise of another kind is what is tested
      later({ then: (_: unknown, reject: (error: Error) => void) => reject(new Error("later")) }),
      z.string().refine(() => Promise.resolve(true)),
    ]) {
      expect(() => validate(schema, "a")).toThrow(RoomError);
    }
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled one would fail the run
  });
});

describe("a contract that cannot be", () => {
  const schema = v.string();

  test.each<[string, unknown]>([
    ["a hook's name", { messages: { onConnect: schema } }],
    ["a hook's name for an event", { events: { onLeave: schema } }],
    ["the name of what decides about messages", { messages: { authorize: schema } }],
    ["a name of every object", { calls: { constructor: { output: schema } } }],
    ["another one", { signals: { hasOwnProperty: schema } }],
    ["a name with a space", { messages: { "say it": schema } }],
    ["an empty name", { messages: { "": schema } }],
    ["a name that begins with a digit", { messages: { "1st": schema } }],
    ["a long name", { messages: { ["x".repeat(65)]: schema } }],
    ["a bad name for its kind", { name: "my/chat" }],
    ["a name in two parts", { messages: { say: schema }, calls: { say: { output: schema } } }],
    ["a name in two other parts", { events: { said: schema }, signals: { said: schema } }],
    ["no schema", { messages: { say: {} } }],
    ["null as a schema", { events: { said: null } }],
    ["a function as a schema", { signals: { typing: () => true } }],
    ["a call without an output", { calls: { up: { input: schema } } }],
    ["a call that is none", { calls: { up: undefined } }],
    ["a call with an input that is no schema", { calls: { up: { input: 7, output: schema } } }],
    ["a presence that is none", { presence: "ann" }],
  ])("[K3] %s is refused, with its place", (_, shape) => {
    // SAFETY: what the types refuse is what is tested.
    const make = (): unknown => contract(shape as ContractShape);
    expect(make).toThrow(expect.objectContaining({ code: "bad-contract" }));
  });

  test("[K3] names may be shared where listeners and handlers are not", () => {
    const both = contract({
      messages: { move: schema },
      events: { move: schema },
      asks: { move: { output: schema } },
    });
    expect(Object.keys(both.shape)).toEqual(["messages", "events", "asks"]);
  });

  test("[K3] the error says what was found and what to do", () => {
    expect(() => contract({ messages: { onMessage: schema } })).toThrow(
      /messages\.onMessage.*reserved.*Standard Schemas.*errors\.md#bad-contract/,
    );
  });
});
