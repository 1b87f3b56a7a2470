// The configuration of the besieged Worker.
const classes = ["Raw", "Typed"];

export const besiegedConfig = {
  name: "besieged",
  main: "besieged-worker.ts",
  compatibility_date: "2026-11-17",
  durable_objects: { bindings: classes.map((name) => ({ name, class_name: name })) },
  migrations: [{ tag: "v1", new_sqlite_classes: classes }],
};
