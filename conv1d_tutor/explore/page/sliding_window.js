// One kernel slides along one signal: the window, its products in numbers, their sum, and the output so far.

import { tooLong } from "./arithmetic.js";
import { evenly, limits, number, outputAt, outputs, pageAround, range } from "./signal.js";
import { CELL, GUTTER, numberCell, productTable, stemPlot, tableSize, tapText } from "./products.js";
import { boxes, label, lines } from "./shapes.js";

/** The ready-made kernels, of any size. */
const KERNELS = {
  average: (size) => Array(size).fill(1 / size),
  difference: (size) => Array.from({ length: size }, (_, k) => (k === size - 1) - (k === 0)),
  "keep the middle": (size) => Array.from({ length: size }, (_, k) => Number(k === Math.floor(size / 2))),
};
const kernelOf = ({ kernel, kernel_size }, own) => (kernel === "yours" ? own : KERNELS[kernel](kernel_size));

/** The scale of each kernel's output: it stays, so that heights can be compared from move to move. */
function prepare({ x, own }) {
  const [low, high] = limits([x], [x[0], x[0]]);
  const steps = own ? evenly(Math.max(x.length - own.length + 1, 0), 1000) : [];
  const scales = {
    average: limits([[low, high]]),
    difference: [low - high, high - low],
    "keep the middle": limits([[low, high]]),
    yours: limits([steps.map((t) => outputAt(t, x, own))]),
  };
  return { x, own, scales, inputs: limits([x]) };
}

/** Your own kernel has the size it has: with another size an average takes its place. The last position depends on it. */
function settle({ state, data: { x, own }, changed }) {
  let kernel = state.kernel ?? (own ? "yours" : "average");
  if (kernel === "yours" && changed.has("kernel_size") && !changed.has("kernel")) kernel = "average";
  const kernel_size = kernel === "yours" ? own.length : state.kernel_size;
  return { values: { kernel, kernel_size }, most: { position: Math.max(x.length - kernel_size, 0) } };
}

/** The window with its products, and the outputs so far, from the first time step that the picture shows. */
function scene({ state, data: { x, own } }) {
  const weight = kernelOf(state, own), t = state.position;
  if (weight.length > x.length) {
    return { refusal: tooLong({ length: x.length, kernel_size: weight.length, padding: 0, dilation: 1 }) };
  }
  const page = pageAround(t, weight.length, x.length);
  const samples = x.slice(t, t + weight.length);
  const products = samples.map((value, k) => weight[k] * value);
  return { page, weight, samples, products, outputs: outputs(x, weight, page[0], t + 1) };
}

/** Say which samples the current output reads, and how the products add up to it. */
function sentence({ state: { position: t }, seen: { weight, samples, outputs } }) {
  const term = (k) => `${tapText(weight[k])}·${number(samples[k])}`;
  const last = weight.length - 1;
  const terms = last > 11 ? [term(0), term(1), term(2), "…", term(last)] : weight.map((_, k) => term(k));
  const where = last ? `samples ${t} to ${t + last}` : `sample ${t}`;
  return `Output ${t} reads ${where}: ${terms.join(" + ")} = ${number(outputs.at(-1))}.`;
}

const [TITLE, PLOT, AXIS, FAN, SUM, NOTE] = [22, 116, 24, 14, 24, 20]; // heights: of a title, stems, time steps, gaps, …
const WIDEST = 96; // a time step is no wider than this

/** The signal with its window; each sample, tap and product in a cell below, and their sum; the outputs so far. */
function picture({ state: { position: t, kernel }, data: { x, scales, inputs }, seen, most, width }) {
  const { page, weight, samples, products, outputs } = seen, [first, after] = page;
  const room = width - GUTTER, taps = weight.length;
  const across = Math.min(room - 2, (after - first) * WIDEST);
  const input = stemPlot("input", [GUTTER, TITLE, across, PLOT], page, range(first, after).map((i) => [i, x[i]]), inputs);
  const one = input.one, left = (step) => input.f.across(step) - one / 2;
  const [frameTop, frameBottom] = [TITLE, TITLE + PLOT + AXIS];

  // Cells stand below their samples where these are wide enough; else they are spread around the window.
  const below = one >= CELL;
  const perLine = Math.floor(room / CELL);
  const cell = below ? one : Math.min(room / Math.min(taps, perLine), 64);
  const reserved = tableSize(most.kernel_size, perLine);
  const row = tableSize(taps, perLine).count < reserved.count ? 32 : undefined; // one line has the room of two
  const tableWidth = Math.min(taps, perLine) * cell;
  const middle = left(t) + (taps * one) / 2;
  const x0 = below ? left(t) : Math.min(Math.max(middle - tableWidth / 2, GUTTER), width - tableWidth);
  const tableEnd = frameBottom + FAN + reserved.height;
  const drawn = { x: x0, cell, perLine, start: t, samples, weight, products, headings: !below, row };
  const height = productTable({ ...drawn, y: 0 }).bottom;
  const tableY = tableEnd - height; // the sum follows at once, whatever is above
  const table = productTable({ ...drawn, y: tableY });
  const fanEnd = tableY + (below ? 18 : 0); // without headings the cells begin lower
  const outputTop = tableEnd + SUM + FAN + TITLE, bottom = outputTop + PLOT + AXIS;

  const total = outputs.at(-1), why = width > 600 ? ", the first that it reads" : "";
  const scale = limits([outputs], scales[kernel]);
  const points = outputs.map((value, i) => [first + i, value]);
  const output = stemPlot("output", [GUTTER, outputTop, across, PLOT], page, points, scale, true);
  const shapes = [
    boxes("window", [[left(t), frameTop, taps * one, frameBottom - frameTop]]),
    lines("window", [[left(t), frameBottom, x0, fanEnd], [left(t) + taps * one, frameBottom, x0 + tableWidth, fanEnd]]),
    input.shapes,
    label("strong input", 0, 10, "input"),
    label("window", GUTTER, 10, taps === 1 ? `window: sample ${t}` : `window: samples ${t} to ${t + taps - 1}`),
    table.shapes,
    label("end small output", x0 - 6, tableEnd + SUM / 2, "sum"),
    lines("output", [[x0 + cell / 2, tableEnd + SUM, output.f.across(t), outputTop]]),
    numberCell("output", x0, tableEnd, cell, total, SUM),
    output.shapes,
    label("strong output clear", 0, outputTop - 12, "output"),
    label("", 0, bottom + NOTE / 2, `output ${t} stands below sample ${t}${why}`),
  ];
  return { shapes, height: bottom + NOTE };
}

export default { title: "A kernel slides along a signal", prepare, settle, scene, sentence, picture };
