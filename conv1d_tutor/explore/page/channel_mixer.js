// One output channel: for each input channel its products and their sum; the sums added up are the output.

import { CELL, GUTTER, added, numberCell, productTable, stemPlot, tableSize } from "./products.js";
import { evenly, limits, number, outputAt, pageAround, range } from "./signal.js";
import { boxes, fitted, label, lines } from "./shapes.js";

/** What each channel (C, L) gives to output t of one kernel (C, K). */
const contributionsAt = (t, x, kernel) => kernel.map((weight, c) => outputAt(t, x[c], weight));
const sumOf = (values) => values.reduce((sum, value) => sum + value, 0);

/** The scale of the output for each set of kernels: it stays, so that heights can be compared from move to move. */
function prepare(data) {
  const { x, weights } = data;
  const scaleOf = (kernels) => {
    const places = evenly(x[0].length - kernels[0][0].length + 1, 1000);
    return limits(kernels.map((kernel) => places.map((t) => sumOf(contributionsAt(t, x, kernel)))));
  };
  const scales = Object.fromEntries(Object.entries(weights).map(([name, kernels]) => [name, scaleOf(kernels)]));
  return { ...data, inputs: limits(x), scales };
}

const settle = ({ state, data }) => ({ values: { weights: state.weights ?? Object.keys(data.weights)[0] } });

/** For each channel the samples in the window, the taps, their products and sum; the sum of all, and those before it. */
function scene({ state: { position: t, out_channel, weights }, data: { x, weights: sets } }) {
  const kernel = sets[weights][out_channel], taps = kernel[0].length;
  const page = pageAround(t, taps, x[0].length);
  const samples = x.map((channel) => channel.slice(t, t + taps));
  const products = samples.map((values, c) => values.map((value, k) => kernel[c][k] * value));
  const contributions = products.map(sumOf);
  const outputs = range(page[0], t + 1).map((at) => sumOf(contributionsAt(at, x, kernel)));
  return { page, kernel, samples, products, contributions, output: sumOf(contributions), outputs };
}

const COUNTS = [, "One channel goes", "Two channels go", "Three channels go", "Four channels go"];

/** Say what each channel contributes, and what the sum is. */
function sentence({ state: { out_channel, position }, seen: { contributions, output } }) {
  return (
    `Output channel ${out_channel} at position ${position}: ${added(contributions)} = ${number(output)}. ` +
    `${COUNTS[contributions.length]} in, one number comes out.`
  );
}

// Heights of a title, the time steps below stems, stems alone, a gap between channels, a row; width of a contribution.
const [TITLE, AXIS, PLOT, GAP, ROW, SUM] = [22, 24, 92, 10, 22, 72];

/** A row for each channel: its signal, and in numbers what the window gives. Below them the output, and the addition. */
function picture({ state: { position: t, out_channel, weights }, data: { x, names, inputs, scales }, seen, width }) {
  const { page, kernel, samples, products, contributions, output, outputs } = seen;
  const [first, after] = page, taps = kernel[0].length;
  const beside = width >= 640; // room for the numbers beside the signal; else they stand below it
  const share = (beside ? 0.55 * width : width) - GUTTER - SUM;
  const fit = Math.max(1, Math.floor(share / CELL));
  const perLine = Math.ceil(Math.min(taps, 2 * fit) / tableSize(taps, fit).count); // two lines are about as long
  const cell = Math.min(share / perLine, 58);
  const tableX = beside ? width - SUM - perLine * cell : GUTTER;
  const across = beside ? tableX - 2 * GUTTER - 8 : width - GUTTER - 2;
  const sumX = tableX + perLine * cell + 8, sumWidth = SUM - 8;
  const { height: tableHeight } = tableSize(taps, perLine);
  const plot = beside ? Math.max(PLOT, tableHeight - AXIS + 6) : PLOT;
  const high = TITLE + (beside ? plot + AXIS : plot + AXIS + tableHeight) + GAP; // of one channel
  const rows = x.map((channel, c) => {
    const top = c * high;
    const points = range(first, after).map((i) => [i, channel[i]]);
    const signal = stemPlot("input", [GUTTER, top + TITLE, across, plot], page, points, inputs);
    const left = signal.f.across(t) - signal.one / 2;
    const tableY = beside ? top + TITLE - 6 : top + TITLE + plot + AXIS;
    const window = { start: t, samples: samples[c], weight: kernel[c], products: products[c] };
    const table = productTable({ x: tableX, y: tableY, cell, perLine, ...window });
    return [
      boxes("window", [[left, top + TITLE, taps * signal.one, plot + AXIS]]),
      signal.shapes,
      label("strong input", 0, top + 10, fitted(names[c], width - 4, 15)),
      table.shapes,
      label("middle small window", sumX + sumWidth / 2, table.bottom - ROW * 1.5, "sum"),
      numberCell("window", sumX, table.bottom - ROW, sumWidth, contributions[c]),
    ];
  });

  // The addition, as it is written by hand: a name and a number in each row, the sum below a line.
  const end = x.length * high + 6, nameX = sumX - 24;
  const nameRoom = nameX - (beside ? GUTTER + across + 8 : 0);
  const addition = (top) => [
    ...contributions.flatMap((value, c) => [
      label("end small", nameX, top + (c + 0.5) * ROW, fitted(names[c], nameRoom, 14)),
      label("middle small", sumX - 10, top + (c + 0.5) * ROW, c ? "+" : ""),
      numberCell("window", sumX, top + c * ROW, sumWidth, value),
    ]),
    lines("axis", [[sumX - 18, top + x.length * ROW + 2, sumX + sumWidth, top + x.length * ROW + 2]]),
    label("end small strong output", nameX, top + (x.length + 0.5) * ROW + 4, `= output ${t}`),
    numberCell("output", sumX, top + x.length * ROW + 4, sumWidth, output),
  ];
  const additionHeight = (x.length + 1) * ROW + 8;
  const outputY = (beside ? end : end + additionHeight + GAP) + TITLE;
  const outputPlot = Math.max(PLOT + 16, beside ? additionHeight : 0);
  const scale = limits([outputs], scales[weights]); // of a long signal, no more than a part is known beforehand
  const points = outputs.map((value, i) => [first + i, value]);
  const total = stemPlot("output", [GUTTER, outputY, across, outputPlot], page, points, scale, true);
  const shapes = [
    ...rows,
    addition(beside ? end + TITLE : end),
    label("strong output", 0, outputY - 12, `output channel ${out_channel}`),
    total.shapes,
  ];
  return { shapes, height: outputY + outputPlot + AXIS };
}

export default { title: "What each channel gives to one output of a Conv1d", prepare, settle, scene, sentence, picture };
