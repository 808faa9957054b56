// What a trained layer looks for: each kernel, its response to each case over time, and where it fires most.

import { evenly, limits, number, outputAt, range, thinned } from "./signal.js";
import { boxes, curve, field, fitted, label, lines, marks, roomy, stems, timeAxis, widthOf } from "./shapes.js";

/** The response of one kernel (C, K) to one case (C, L). */
function responseOf(x, kernel, bias, dilation) {
  const reads = dilation * (kernel[0].length - 1) + 1;
  const response = new Array(x[0].length - reads + 1).fill(bias);
  kernel.forEach((weight, c) => weight.forEach((w, k) => {
    const [signal, offset] = [x[c], k * dilation];
    for (let t = 0; t < response.length; t++) response[t] += w * signal[t + offset];
  }));
  return response;
}

/** The response over time, its largest output, and what each channel gives to that one. */
function scene({ state, data: { signals, weight, bias, dilation } }) {
  const [x, kernel] = [signals[state.patient], weight[state.kernel]];
  const response = responseOf(x, kernel, bias[state.kernel], dilation);
  let [best, fires] = [0, 0];
  for (let t = 0; t < response.length; t++) {
    if (response[t] > response[best]) best = t;
    if (response[t] > 0) fires++;
  }
  return { response, best, fires, parts: kernel.map((row, c) => outputAt(best, x[c], row, dilation)) };
}

/** The scales that stay while case and kernel change: of each channel, and of all taps. */
function prepare(data) {
  const cases = range(0, data.signals.length), kernels = range(0, data.weight.length);
  const scales = data.names.map((_, c) => {
    const rows = data.signals.map((x) => x[c]);
    return limits(rows, [rows[0][0], rows[0][0]]);
  });
  return { ...data, scales, taps: limits(data.weight.flat()) };
}

const who = ({ patient }, { ids, labels }) => (labels ? `${ids[patient]} (${labels[patient]})` : ids[patient]);

/** Say where the kernel fires most, how strongly, and which channels that comes from. */
function sentence({ state, data, seen: { response, best, fires, parts } }) {
  const [value, case_] = [number(response[best], 3), who(state, data)];
  if (!fires) {
    return `Kernel ${state.kernel} does not fire on ${case_}: its highest output is ${value}, at output ${best}.`;
  }
  const last = best + data.dilation * (data.weight[0][0].length - 1);
  const largest = range(0, parts.length).sort((a, b) => Math.abs(parts[b]) - Math.abs(parts[a])).slice(0, 3);
  return (
    `Kernel ${state.kernel} fires most on ${case_} at output ${best}, ` +
    `which reads ${last === best ? `time step ${best}` : `time steps ${best} to ${last}`}: ${value}. ` +
    `The largest part${largest.length > 1 ? "s" : ""}: ` +
    `${largest.map((c) => `${data.names[c]} gives ${number(parts[c], 2)}`).join(", ")}. ` +
    `It fires at ${fires} of ${response.length} outputs.`
  );
}

const [VALUES, HEAD, RESPONSE] = [54, 22, 150]; // width of the values of an axis; heights of a heading, and of the response
const NARROW = 640; // below this the kernels stand under the response, not beside the case
const SUMS = 22; // from one line of the sum to the next

/** The values of an axis at its left: the smallest, the largest, and zero between them if there is room. */
function valueAxis(f, [low, high]) {
  const near = (value, other) => Math.abs(f.up(value) - f.up(other)) < 14;
  const ends = near(low, high) ? [high] : [low, high];
  const zero = low <= 0 && high >= 0;
  const shown = zero && !ends.some((end) => near(end, 0)) ? [...ends, 0] : ends;
  return [
    lines("axis", [[f.x, f.y, f.x, f.y + f.height], ...shown.map((value) => [f.x - 4, f.up(value), f.x, f.up(value)])]),
    lines("zero", zero ? [[f.x, f.up(0), f.x + f.width, f.up(0)]] : []),
    shown.map((value) => label("end small", f.x - 7, f.up(value), number(value, 2))),
  ];
}

/** A row of the case for each channel, with the marked window, and below them the response on the same time axis. */
function overTime({ state, data, seen: { response, best } }, { width, high, top }) {
  const x = data.signals[state.patient], length = x[0].length;
  const taps = range(0, data.weight[0][0].length).map((k) => best + k * data.dilation);
  const time = [-0.5, length - 0.5];
  const rows = x.map((_, c) => field([VALUES, top + c * (high + HEAD), width - VALUES, high], time, roomy(data.scales[c])));
  const below = field([VALUES, top + x.length * (high + HEAD) + 4, width - VALUES, RESPONSE], time, roomy(limits([data.responses])));
  const drawn = (values) => thinned(values, width);
  const one = below.width / length, [left, right] = [below.across(best - 0.5), below.across(taps.at(-1) + 0.5)];
  const says = ["time step; an output stands below the first sample that it reads", "An output stands below the first sample it reads."];
  const outputs = drawn(response), firing = outputs.filter(([, value]) => value > 0).map(below.at);
  return [
    label("strong input", 0, top - HEAD - 9, fitted(who(state, data), width)),
    boxes("window", rows.map((f) => [left, f.y, Math.max(right - left, 2), high])),
    lines("window dashed", rows.map((f) => [below.across(best), f.y, below.across(best), f.y + high])),
    lines("window dashed", [[below.across(best), below.y, below.across(best), below.up(response[best])]]),
    ...rows.map((f, c) => [
      label("input", VALUES, f.y - 10, fitted(data.names[c], width - VALUES)),
      valueAxis(f, data.scales[c]),
      curve("input", drawn(x[c]).map(f.at)),
      marks("window", evenly(taps.length, 40).map((k) => f.at([taps[k], x[c][taps[k]]])), Math.min(3.5, Math.max(1.5, 0.35 * one))),
    ]),
    label("strong output", VALUES, below.y - 10, `response, highest at output ${best}`),
    valueAxis(below, limits([data.responses])),
    lines("output faint", firing.map(([a, b]) => [a, below.up(0), a, b])),
    curve("output", outputs.map(below.at)),
    one >= 6 ? marks("output", firing, 2.5) : [],
    boxes("ring", [below.at([best, response[best]])].map(([a, b]) => [a - 5.5, b - 5.5, 11, 11])),
    timeAxis(below, { first: 0, last: length - 1 }),
    label("small", 0, below.y + RESPONSE + 34, says.find((text) => widthOf(text, 12) < width) ?? says[1]),
  ];
}

/** How numbers that are added up are written: all with the places that the largest needs for three digits. */
function inPlaces(values) {
  const largest = Math.max(...values.map(Math.abs)) || 1;
  const places = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(largest))));
  return (value) => number(Number(value.toFixed(places)), 12);
}

/** A row of taps for each channel, what the channel gives to the strongest output, and how that becomes the output. */
function kernelBy({ state, data, seen: { response, best, parts } }, { left, width, high, top, named, sums }) {
  const kernel = data.weight[state.kernel], count = kernel[0].length;
  const most = data.gives || 1;
  const right = left + width, split = left + VALUES + 0.56 * (width - VALUES);
  const rows = kernel.map((_, c) => top + c * (high + HEAD));
  const tapsAt = (y) => field([left + VALUES, y, split - 14 - left - VALUES, high], [-0.6, count - 0.4], roomy(data.taps));
  const barsAt = (y) => field([split, y, right - split - 1, high], [-most, most], [0, 1]);
  const f = tapsAt(rows.at(-1)), zero = barsAt(0).across(0);
  const bar = ([y, part]) => [Math.min(zero, barsAt(0).across(part)), y + 0.2 * high, Math.abs(barsAt(0).across(part) - zero), 0.6 * high];
  const said = inPlaces([...parts, data.bias[state.kernel], response[best]]);
  const sum = [
    ["parts together", parts.reduce((total, part) => total + part, 0), ""],
    ["bias", data.bias[state.kernel], ""],
    [`output ${best}`, response[best], "strong output"],
  ];
  return [
    label("strong kernel", left, top - HEAD - 9, `kernel ${state.kernel}, tap by tap`),
    label("strong window end", right, top - HEAD - 9, "gives"),
    ...rows.map((y, c) => [
      named ? label("input", left + VALUES, y - 10, fitted(data.names[c], split - left - VALUES)) : [],
      valueAxis(tapsAt(y), data.taps),
      stems("kernel", kernel[c].map((weight, k) => tapsAt(y).at([k, weight])), tapsAt(y).up(0), count > 40 ? 1.5 : 3.5),
      label("window end", right, y - 10, said(parts[c])),
    ]),
    boxes("window", rows.map((y, c) => bar([y, parts[c]]))),
    lines("zero", rows.map((y) => [zero, y, zero, y + high])),
    timeAxis(f, { first: 0, last: count - 1 }),
    lines("axis", [[left, sums + 2 * SUMS - 11, right, sums + 2 * SUMS - 11]]),
    ...sum.flatMap(([name, value, kind], i) => [label(kind, left, sums + i * SUMS, name), label(`${kind} end`, right, sums + i * SUMS, said(value))]),
  ];
}

/** The case and the response over time, and the kernel beside them, or below where there is less room. */
function picture({ state, data, seen, width }) {
  const channels = data.names.length;
  const narrow = width < NARROW;
  const high = Math.min(90, Math.max(36, (narrow ? 220 : 300) / channels));
  const top = 2 * HEAD - 4, shown = { state, data, seen };
  const timeEnds = top + channels * (high + HEAD) + RESPONSE + 44;
  const beside = Math.min(460, Math.max(270, 0.36 * width));
  const kernelTop = narrow ? timeEnds + 2 * HEAD + 8 : top;
  const sums = kernelTop + channels * (high + HEAD) + (narrow ? 12 : 30);
  const shapes = [
    overTime(shown, { width: narrow ? width : width - beside - 34, high, top }),
    kernelBy(shown, { left: narrow ? 0 : width - beside, width: narrow ? width : beside, high, top: kernelTop, named: narrow, sums }),
  ];
  return { shapes, height: narrow ? sums + 2 * SUMS + 12 : timeEnds };
}

export default { title: "What a trained kernel responds to in a case", prepare, scene, sentence, picture };
