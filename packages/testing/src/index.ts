export const PACKAGE = "@greenroom/testing";
