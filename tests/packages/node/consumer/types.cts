import wksmock = require("wksmock");
import type { Clone } from "wksmock";

export async function project(): Promise<string> {
  const mock: wksmock.MockServer = await wksmock.start();
  const clone: Clone = await mock.clone();
  return clone.project;
}
