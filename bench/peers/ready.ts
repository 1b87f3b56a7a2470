/** What every peer's process does in the end: listens, says where, and ends with whoever started it. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on loopback and tells the parent the port. */
export function ready(server: Server): void {
  server.listen(0, "127.0.0.1", () => tell(server));
}

/** Tells the parent the port of a server that listens. */
export function tell(server: Server): void {
  process.send?.({ port: (server.address() as AddressInfo).port });
  process.once("disconnect", () => process.exit(0));
}
