// The counters for Prometheus, for people: what matters first, then all of them.

import { Copy, duration, html, Section, useState } from "../parts.js";
import { Find, Fold, List, useGet, View } from "./shared.js";

/** Samples of Prometheus text: name, labels, value. */
function samples(text) {
  const found = text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm);
  return [...found].map(([, name, labels = "", value]) => ({ name, labels, value: Number(value.replace("+Inf", "Infinity")) }));
}

/** The time within which this part of the requests was answered: the end of a bucket, in seconds. */
function within(all, part) {
  const ends = new Map();
  for (const { name, labels, value } of all) {
    const [, end] = (name.endsWith("request_duration_seconds_bucket") && labels.match(/le="([^"]+)"/)) || [];
    if (end) ends.set(end, (ends.get(end) || 0) + value);
  }
  const count = ends.get("+Inf");
  const [end] = (count && [...ends].find(([, below]) => below >= count * part)) || [];
  return !end ? "–" : end === "+Inf" ? "longer" : end < 0.001 ? `${end * 1e6} µs` : duration(end * 1e3);
}

const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 6 });
const plain = (labels) => labels.replaceAll('"', "").replaceAll(",", " ");

export default function Metrics() {
  const [text, problem, again] = useGet("metrics", {}, ["request", "reset", "setup"]);
  const [wanted, setWanted] = useState("");
  const all = text ? samples(text) : [];
  const some = (...names) => all.filter(({ name, value }) => value && names.includes(name)).sort((a, b) => b.value - a.value);
  const requests = some("wksmock_requests_total");
  const what = (...names) => some(...names)[0]?.value || 0;
  const columns = [["What", ({ labels }) => plain(labels), "text"], ["Times", ({ value }) => number(value), "number"]];
  const tiles = [[number(requests.reduce((sum, { value }) => sum + value, 0)), "requests answered"],
    ...[0.5, 0.9, 0.99].map((part) => [within(all, part), `${part * 100} % answered within`]),
    [what("wksmock_connections_open"), "connections open"], [number(what("wksmock_journal_dropped_total")), "journal entries dropped"]];
  const key = ({ name, labels }) => name + labels;
  return html`<${View} title="Metrics" problem=${problem} again=${again} actions=${text && html`<${Copy} text=${text}>Copy as text<//>`}>
    <ul class="tiles">${tiles.map(([value, words]) => html`<li key=${words}><strong>${value}</strong><span>${words}</span></li>`)}</ul>
    <div class="columns">
      <${Section} title="Requests"><${List} label="Requests" of=${columns} rows=${requests} keyOf=${key} empty="No answered requests yet." /><//>
      <${Section} title="Faults, and limits reached"><${List} label="Faults and limits" of=${columns} rows=${some("wksmock_faults_total", "wksmock_limit_hits_total")} keyOf=${key} empty="None so far." /><//></div>
    <${Section}><${Fold} title=${`All ${all.length}`}><div class="fields"><${Find} value=${wanted} onChange=${setWanted} /></div>
      <${List} label="All metrics" rows=${all.filter((one) => key(one).toLowerCase().includes(wanted.trim().toLowerCase()))} keyOf=${key} empty="No match."
        of=${[["Name", ({ name }) => name.replace("wksmock_", ""), "text"], ["Labels", ({ labels }) => plain(labels), "mono text"], ["Value", ({ value }) => number(value), "number"]]} /><//><//>
  <//>`;
}
