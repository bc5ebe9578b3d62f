// The time axis: to scale within bursts of calls, with long pauses cut out.

/** Width of a pause that is cut out, of a border between epochs, and of a tick with its text. */
const PAUSE = 84;
const BORDER = 40;
const TICK = 84;
/** A pause is long that is so many times the usual one; at most so many are cut out. */
const LONG = 20;
const PAUSES_MAX = 12;
const LONG_MIN_MS = 100;
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 3e4, 6e4, 3e5, 6e5, 18e5, 36e5, 216e5, 864e5];

/** Times of each epoch in order, without repeats. */
function epochsOf(points) {
  const epochs = new Map(points.map(({ epoch }) => [epoch, new Set()]));
  for (const { epoch, ms } of points) epochs.get(epoch).add(ms);
  return [...epochs].sort(([a], [b]) => a - b).map(([epoch, own]) => ({ epoch, times: [...own].sort((a, b) => a - b) }));
}

/** The length from which on a gap is cut out. */
function longest(gaps) {
  const ordered = [...gaps].sort((a, b) => a - b);
  return Math.max(LONG * (ordered[ordered.length >> 1] || 0), ordered.at(-PAUSES_MAX - 1) || 0, LONG_MIN_MS);
}

/** The axis of points `{ epoch, ms }`: `x(epoch, ms)`, what it cuts out, ticks, and its width, `width` or more. */
export function axisOf(points, width) {
  const epochs = epochsOf(points);
  const gaps = epochs.flatMap(({ times }) => times.slice(1).map((ms, at) => ms - times[at]));
  const long = longest(gaps);
  const kept = gaps.filter((gap) => gap <= long);
  const cut = (gaps.length - kept.length) * PAUSE + Math.max(0, epochs.length - 1) * BORDER;
  const active = kept.reduce((sum, gap) => sum + gap, 0);
  const scale = active ? Math.max(width - cut, width / 3) / active : 0;
  const pieces = [], pauses = [], borders = [];
  let at = 0;
  for (const { epoch, times } of epochs) {
    if (pieces.length) borders.push({ epoch, x: at + BORDER / 2 }) && (at += BORDER);
    let piece = null;
    times.forEach((ms, index) => {
      const gap = ms - times[index - 1];
      if (gap > long) pauses.push({ epoch, from: times[index - 1], ms: gap, x: at, width: PAUSE }) && (at += PAUSE);
      else if (index) at += gap * scale;
      if (!index || gap > long) pieces.push((piece = { epoch, from: ms, x0: at }));
      Object.assign(piece, { to: ms, x1: at });
    });
  }
  const hasPause = (epoch, from, to) => pauses.some((one) => one.epoch === epoch && one.from >= from && one.from + one.ms <= to);
  return { x: (epoch, ms) => place(pieces, epoch, ms, scale), pauses, borders, ticks: ticksOf(pieces, scale), width: Math.max(width, at), hasPause };
}

/** To scale in a piece; in a pause, where the next piece begins. */
function place(pieces, epoch, ms, scale) {
  const own = pieces.filter((piece) => piece.epoch === epoch);
  const piece = own.find(({ to }) => ms <= to) || own.at(-1);
  return piece ? Math.min(piece.x0 + Math.max(0, ms - piece.from) * scale, piece.x1) : 0;
}

function ticksOf(pieces, scale) {
  const by = STEPS.find((step) => step * scale >= TICK) || Infinity;
  const ticks = [];
  const add = (ms, x) => (!ticks.length || x - ticks.at(-1).x >= TICK) && ticks.push({ ms, x });
  for (const { from, to, x0 } of pieces) {
    add(from, x0);
    for (let ms = Math.ceil(from / by) * by; ms <= to; ms += by) add(ms, x0 + (ms - from) * scale);
  }
  return ticks;
}
