/** The one file that imports partyserver, so that it can be replaced. */
export { getServerByName, Server } from "partyserver";
export type { Connection, ConnectionContext, ConnectionState, WSMessage } from "partyserver";
