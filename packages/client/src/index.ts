export const PACKAGE = "@greenroom/client";
