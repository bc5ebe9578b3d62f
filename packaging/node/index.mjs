import wksmock from "./index.js";

export const { AdminError, ExpectationError, start } = wksmock;
