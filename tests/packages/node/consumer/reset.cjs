"use strict";

/** The program under test: resets a password, and tries again as often as it may when the service fails. */
async function reset({ url, project, user }, retries = 2) {
  const target = `${url}/v2/${project}/users/${user}/random-password`;
  const answer = await fetch(target, { headers: { "Content-Type": "application/json" } });
  if (answer.status >= 500 && retries > 0) return reset({ url, project, user }, retries - 1);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json()).password;
}

module.exports = { reset };
