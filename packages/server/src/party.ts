/** The one file that imports partyserver, so that it can be replaced. */
import type { Connection as PartyConnection, ConnectionContext as PartyContext } from "partyserver";

import type { Claims } from "./claims.ts";

export { getServerByName, Server } from "partyserver";
export type { ConnectionState, WSMessage } from "partyserver";

/** A connection of a room without a contract. */
export type Connection<State = unknown> = PartyConnection<State> & {
  /** What the Worker's `authenticate` says of who is there; kept with the connection, across sleep. */
  readonly claims: Claims | undefined;
};

/** How a connection has come. */
export interface ConnectionContext extends PartyContext {
  /** The same as `connection.claims`. */
  readonly claims: Claims | undefined;
}
