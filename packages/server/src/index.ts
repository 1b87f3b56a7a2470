export const PACKAGE = "@greenroom/server";
