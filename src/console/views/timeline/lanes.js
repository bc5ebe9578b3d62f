// Calls of the journal as lanes: one for each user, else for each account that calls.

/** The signs of calls, worst first. They differ in shape, not by colour alone. */
export const SIGNS = {
  lost: "incomplete answer",
  server: "500 and above",
  client: "400 to 499",
  refused: "rejected before it was counted",
  waiting: "in flight",
  ok: "below 400",
};
const WORST = Object.keys(SIGNS);

/** The fault that spoils the answer, if one does. A dribbled answer arrives whole. */
const faultOf = ({ decision }) => (decision?.fault === "dribble" ? null : decision?.fault);

export function signOf(entry) {
  const { state, answer } = entry;
  if (state === "in_flight") return "waiting";
  if (state === "cut" || faultOf(entry) || !answer) return "lost";
  if (state === "rejected") return "refused";
  return answer.status >= 500 ? "server" : answer.status >= 400 ? "client" : "ok";
}

const failed = (entry) => !["ok", "waiting"].includes(signOf(entry));

/** When a call ended, as far as that is known. */
export const endOf = ({ at_ms: at, answer, state }, now) => (answer ? at + answer.after_ms : state === "in_flight" ? Math.max(at, now) : at);

const nameOf = ({ user, account }) => user || (account ? `account ${account}` : "no user");

/** Lanes in the order of their first call. */
export function lanesOf(entries) {
  const lanes = new Map();
  for (const entry of [...entries].sort((a, b) => a.index - b.index)) {
    const name = nameOf(entry);
    const key = `${entry.user ? entry.project : ""}/${name}`;
    if (!lanes.has(key)) lanes.set(key, { key, name, calls: [] });
    lanes.get(key).calls.push(entry);
  }
  return [...lanes.values()];
}

/** Runs of calls of one operation in which each repeats one that failed; a pause that is cut out ends a run. */
export function retriesOf(calls, hasPause) {
  const groups = [];
  const open = new Map();
  for (const call of calls.filter(({ state }) => state !== "rejected")) {
    const last = open.get(call.operation)?.at(-1);
    if (last && failed(last) && last.epoch === call.epoch && !hasPause(call.epoch, last.at_ms, call.at_ms)) open.get(call.operation).push(call);
    else groups.push([call]) && open.set(call.operation, groups.at(-1));
  }
  return groups.filter((group) => group.length > 1);
}

/** Marks of a lane. Calls that would lie on each other are one mark, with the worst of their signs. */
export function marksOf(calls, x, apart) {
  const marks = [];
  for (const call of calls) {
    const at = x(call.epoch, call.at_ms);
    const last = marks.at(-1);
    if (last && at - last.from < apart && last.calls[0].epoch === call.epoch) Object.assign(last, { to: at, calls: [...last.calls, call] });
    else marks.push({ from: at, to: at, calls: [call] });
  }
  return marks.map((mark) => {
    const signs = mark.calls.map(signOf);
    return { ...mark, x: (mark.from + mark.to) / 2, sign: WORST.find((sign) => signs.includes(sign)) };
  });
}

/** The few characters below a mark. */
export const short = (entry) => ({ waiting: "…", lost: faultOf(entry)?.split("_")[0] || "cut" })[signOf(entry)] || String(entry.answer.status);

/** What a call met, in words. */
export function told(entry) {
  const { decision, call, by } = entry;
  const cause = Object.values(decision?.causes || {})[0];
  const done = decision?.password && signOf(entry) === "lost" && "the password was reset anyway";
  return [call ? `call ${call}` : "refused", faultOf(entry) || short(entry), done, cause && `by “${cause.rule}”`, by && `from the ${by}`].filter(Boolean).join(", ");
}
