// Draws lanes on their axis as SVG. Tab leads to one mark, arrow keys from there to the others.

import { duration, html, time, useEffect, useRef, useState } from "../../parts.js";
import { endOf, marksOf, retriesOf, short, SIGNS, told } from "./lanes.js";
import { axisOf } from "./axis.js";

const ROW = 58;
const HEAD = 40;
const SIDE = 16;
const END = 60;
/** Distance from which on calls have marks of their own, and room that texts need. */
const MARK_GAP = 20;
const MARK_TEXT = 28;
/** Of a text between two marks: room for both, and of each sign. */
const GAP_SIDES = 28;
const GAP_SIGN = 6.2;

/** Outlines; preact elements are not shared between places, so these are texts. */
const SHAPES = {
  ok: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0Z",
  client: "M0 -7.5L7.5 0L0 7.5L-7.5 0Z",
  server: "M0 -7L7.5 6.5H-7.5Z",
  lost: "M-5.5 -5.5L5.5 5.5M5.5 -5.5L-5.5 5.5",
  refused: "M-5.5 -5.5H5.5V5.5H-5.5Z",
  waiting: "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0 -12 0Z",
};
const Sign = ({ sign }) => html`<path class=${`tl-${sign}`} d=${SHAPES[sign]} />`;

function useWidth(ref) {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([seen]) => setWidth(Math.floor(seen.contentRect.width)));
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** `linkOf(call)` leads to the journal, `zoomOf(calls)` to a narrower range. */
export function Chart({ lanes, changes, now, zoom, linkOf, zoomOf }) {
  const scroll = useRef(null);
  const room = useWidth(scroll);
  const [focus, setFocus] = useState([0, 0]);
  // A chart that does not fit its window begins with the newest calls.
  useEffect(() => {
    if (room) scroll.current.scrollLeft = scroll.current.scrollWidth;
  }, [room > 0]);
  const points = lanes.flatMap(({ calls }) => calls.flatMap((call) => [{ epoch: call.epoch, ms: call.at_ms }, { epoch: call.epoch, ms: endOf(call, now) }]));
  const axis = axisOf([...points, ...changes.map(({ epoch, at_ms: ms }) => ({ epoch, ms }))], Math.max(120, (room - SIDE - END) * zoom));
  const x = (epoch, ms) => SIDE + axis.x(epoch, ms);
  const rows = lanes.map((lane) => marksOf(lane.calls, x, MARK_GAP));
  const [row, mark] = rows[focus[0]]?.[focus[1]] ? focus : [0, 0];
  const height = HEAD + rows.length * ROW + 8;
  const width = axis.width + SIDE + END;
  const line = (at, from = HEAD - 6) => html`<line x1=${at} x2=${at} y1=${from} y2=${height} />`;
  const press = (event) => {
    const to = next(rows, row, mark, event.key);
    if (!to) return;
    event.preventDefault();
    setFocus(to);
    scroll.current.querySelector(`[data-mark="${to.join("-")}"]`).focus();
  };
  return html`<div class="tl">
    <div class="tl-names">${lanes.map(({ key, name, label, calls }) => html`<div class="tl-name" key=${key} title=${name}><span>${label}</span><small>${calls.length}×</small></div>`)}</div>
    <div class="tl-scroll" ref=${scroll} onKeyDown=${press}>${room > 0 && html`<svg width=${width} height=${height} role="group" aria-label="Calls by time. Arrow keys move between calls.">
      ${axis.pauses.map(({ x: at, ms, width }) => html`<g class="tl-pause" key=${`p${at}`}><rect x=${SIDE + at + 4} y=${HEAD - 6} width=${width - 8} height=${height} />
        <text x=${SIDE + at + width / 2} y="28">⋯ ${duration(ms)} ⋯</text></g>`)}
      ${axis.ticks.map(({ x: at, ms }) => html`<g class="tl-tick" key=${`t${at}`}>${line(SIDE + at, 2)}<text x=${SIDE + at + 4} y="11">${time(ms).replace("00:", "")}</text></g>`)}
      ${axis.borders.map(({ x: at, epoch }) => html`<g class="tl-border" key=${`e${epoch}`}>${line(SIDE + at, 0)}<text x=${SIDE + at + 4} y="28">epoch ${epoch}</text></g>`)}
      ${changes.map(({ number, epoch, at_ms: ms, kind, what }) => html`<g class="tl-change" key=${`c${number}`}>${line(x(epoch, ms))}
        <path d=${`M${x(epoch, ms)} ${HEAD}l-5 -8h10Z`} /><title>${duration(ms)}, ${kind}: ${what}</title></g>`)}
      ${lanes.map((lane, at) => html`<${Lane} key=${lane.key} lane=${lane} marks=${rows[at]} at=${at} width=${width} x=${x} now=${now} chosen=${at === row ? mark : -1}
        hasPause=${axis.hasPause} linkOf=${linkOf} zoomOf=${zoomOf} onFocus=${(mark) => setFocus([at, mark])} />`)}
    </svg>`}</div>
  </div>`;
}

/** The mark that a key leads to: along the lane, or to the nearest one of another lane. */
function next(rows, row, mark, key) {
  const along = { ArrowRight: mark + 1, ArrowLeft: mark - 1, Home: 0, End: rows[row].length - 1 }[key];
  if (along !== undefined) return rows[row][along] && [row, along];
  const other = { ArrowDown: row + 1, ArrowUp: row - 1 }[key];
  if (!rows[other]) return null;
  const away = rows[other].map(({ x }) => Math.abs(x - rows[row][mark].x));
  return [other, away.indexOf(Math.min(...away))];
}

function Lane({ lane, marks, at, width, x, now, chosen, hasPause, linkOf, zoomOf, onFocus }) {
  const y = HEAD + at * ROW + ROW / 2;
  const from = (call) => x(call.epoch, call.at_ms);
  return html`<g role="group" aria-label=${`${lane.name}, ${lane.calls.length} calls`}>
    <line class="tl-line" x1="0" x2=${width} y1=${y} y2=${y} />
    ${retriesOf(lane.calls, hasPause).map((group) => html`<g class="tl-retries" key=${`r${group[0].index}`}>
      <rect x=${from(group[0]) - 12} y=${y - 15} width=${from(group.at(-1)) - from(group[0]) + 24} height="30" rx="15" /><title>${group.length} tries, the last: ${told(group.at(-1))}</title></g>`)}
    ${lane.calls.map((call) => {
      const long = x(call.epoch, endOf(call, now)) - from(call);
      return long > 2 && html`<rect key=${`b${call.index}`} class=${call.decision?.delay_ms ? "tl-bar tl-held" : "tl-bar"} x=${from(call)} y=${y - 3} width=${long} height="6" />`;
    })}
    ${marks.map((mark, place) => {
      const [before, after] = [marks[place - 1], marks[place + 1]];
      const waited = before && mark.calls[0].at_ms - endOf(before.calls.at(-1), now);
      const gap = waited > 0 && `+${duration(waited)}`;
      return html`${gap && mark.x - before.x >= GAP_SIDES + gap.length * GAP_SIGN && html`<text key=${`g${place}`} class="tl-gap" x=${(before.x + mark.x) / 2} y=${y - 4}>${gap}</text>`}
        <${Mark} key=${`m${mark.calls[0].index}`} mark=${mark} y=${y} name=${`${at}-${place}`} isChosen=${place === chosen} hasRoom=${!after || after.x - mark.x >= MARK_TEXT}
          href=${mark.calls.length > 1 ? zoomOf(mark.calls) : linkOf(mark.calls[0])} onFocus=${() => onFocus(place)} />`;
    })}</g>`;
}

function Mark({ mark: { calls, sign, x }, y, name, isChosen, hasRoom, href, onFocus }) {
  const [call] = calls;
  const words = calls.length > 1 ? bundle(calls) : `${duration(call.at_ms)}: ${told(call)}${call.answer ? `, after ${duration(call.answer.after_ms)}` : ""}`;
  return html`<a class="tl-mark" href=${href} data-mark=${name} tabindex=${isChosen ? 0 : -1} aria-label=${words} onFocus=${onFocus} transform=${`translate(${x} ${y})`}>
    <circle class="tl-hit" r="11" /><${Sign} sign=${sign} /><title>${words}</title>
    ${hasRoom && html`<text y="24">${calls.length > 1 ? `${calls.length}×` : short(call)}</text>`}</a>`;
}

/** What several calls met, counted. */
function bundle(calls) {
  const counts = {};
  for (const call of calls) counts[short(call)] = (counts[short(call)] || 0) + 1;
  return `${calls.length} calls from ${duration(calls[0].at_ms)} on: ${Object.entries(counts).map(([what, count]) => `${count} × ${what}`).join(", ")}. Shows only these.`;
}

export const Legend = () => html`<ul class="tl-legend" aria-label="Signs">${Object.entries(SIGNS).map(([sign, words]) => html`<li key=${sign}>
  <svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true"><${Sign} sign=${sign} /></svg>${words}</li>`)}</ul>`;
