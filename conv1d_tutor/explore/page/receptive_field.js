// A stack of layers: the cone from one output down to the input samples it can see.

import { reach, samples } from "./arithmetic.js";
import { evenly, range } from "./signal.js";
import { boxes, boxSign, label, legend, lines, marks, markSign, ticks, widthOf } from "./shapes.js";

// So many samples and lines are drawn at the most, of one row and of all: more would merge into an area.
const DOTS = 1000, LINES = 500, ALL_DOTS = 4000, ALL_LINES = 2000;
// A number larger than this is not exact; every cone that wide is refused.
const HUGE = 1e15;

/** The layers from the input to the output. */
const layersOf = ({ depth, kernel_size, stride, growth }) =>
  range(0, depth).map((i) => ({ kernel_size, stride, dilation: Math.min(growth ** i, HUGE) }));

/** How many input samples one output of the stack sees, from the first to the last. */
const fieldOf = (layers) =>
  layers.reduceRight((field, layer) => Math.min((field - 1) * layer.stride + reach(layer), HUGE), 1);

/** The samples of the row below, in order, that some samples of a row read. */
function readBy(above, { kernel_size, stride, dilation }) {
  const size = above.at(-1) * stride + reach({ kernel_size, dilation });
  // How many windows read each sample: one more from a first tap on, in steps of the dilation, one less after the last.
  const windows = new Int32Array(size);
  for (let i = 0; i < above.length; i++) {
    const first = above[i] * stride, after = first + kernel_size * dilation;
    windows[first] += 1;
    if (after < size) windows[after] -= 1;
  }
  for (let i = dilation; i < size; i++) windows[i] += windows[i - dilation];
  const read = new Int32Array(size);
  let count = 0;
  for (let i = 0; i < size; i++) if (windows[i]) read[count++] = i;
  return read.subarray(0, count);
}

/** Stretches of the input that are read, or stepped over, one after the other. */
function stretches(read) {
  const found = [];
  for (let i = 0; i < read.length; ) {
    const first = read[i];
    let width = 1;
    while (read[i + width] === first + width) width++;
    found.push({ kind: "input", first, width });
    i += width;
    if (i < read.length) found.push({ kind: "unread", first: first + width, width: read[i] - first - width });
  }
  return found;
}

/** Of each row, from the output down, the samples that the output sees, and how far apart they stand over the input. */
function scene({ state, data }) {
  const layers = layersOf(state);
  const field = fieldOf(layers);
  if (field > data.widest) return { field, refusal: tooWide(field, data.widest) };
  let row = Int32Array.of(0), step = Math.min(state.stride ** state.depth, HUGE); // in input samples
  const rows = [{ count: 1, step, samples: [0] }], edges = []; // edges of each layer: [sample above, sample below]
  const [dots, most] = [Math.min(DOTS, ALL_DOTS / state.depth), Math.min(LINES, ALL_LINES / state.depth)].map(Math.floor);
  for (const layer of [...layers].reverse()) {
    const taps = evenly(layer.kernel_size, Math.max(2, Math.floor(most / 10)));
    const above = evenly(row.length, Math.floor(most / taps.length)).map((i) => row[i]);
    edges.push(above.flatMap((t) => taps.map((k) => [t, t * layer.stride + k * layer.dilation])));
    row = readBy(row, layer);
    step = Math.max(1, Math.round(step / layer.stride));
    rows.push({ count: row.length, step, samples: evenly(row.length, dots).map((i) => row[i]) });
  }
  return { field, read: row.length, rows, edges, cells: stretches(row) };
}

/** Why a cone is not drawn. */
function tooWide(field, widest) {
  const shown = (n) => n.toLocaleString("en-US");
  return {
    nothing: "No picture",
    found: `one output sees ${field < HUGE ? shown(field) : `more than ${shown(HUGE)}`} samples.`,
    rule: `the picture follows every sample of a cone, and has room for ${shown(widest)} of them.`,
    advice: "fewer layers, a smaller kernel_size, stride or growth; arithmetic.receptive_field counts on.",
  };
}

/** Say how many samples one output can see, and how many of them it skips. */
function sentence({ state, seen: { field, read } }) {
  const { depth, kernel_size, stride, growth } = state;
  const dilations = layersOf(state).map((layer) => layer.dilation);
  const parts = [
    `kernel_size=${kernel_size}`,
    stride > 1 && `stride=${stride}`,
    growth > 1 && `dilation${depth === 1 ? "" : "s"} ${depth > 8 ? [...dilations.slice(0, 7), "…"].join(", ") : dilations.join(", ")}`,
  ].filter(Boolean);
  const listed = [parts.slice(0, -1).join(", "), parts.at(-1)].filter(Boolean).join(" and ");
  const skipped = read < field ? `, but reads only ${read} of them` : "";
  return `${depth} layer${depth === 1 ? "" : "s"} with ${listed}: one output sees ${samples(field)}${skipped}.`;
}

const [NAMES, FIELD, CELL] = [88, 330, 26]; // width of the names of the rows; heights of all rows, and of a cell
const LEGEND = [[markSign("output"), "one output"], [markSign("window"), "sample of a layer"],
  [boxSign("input"), "input that is read"], [boxSign("unread"), "stepped over"]];

/** A number of samples beside a row; a large one stands alone. */
const counted = (count) => (widthOf(samples(count), 12) < NAMES - 10 ? samples(count) : count);

/** A row of samples: cells with their numbers where there is room, else dots; of dots in one place one is drawn. */
function rowOf(role, { step, samples }, x, y, one, high) {
  const near = samples.reduce((least, t, i) => (i ? Math.min(least, t - samples[i - 1]) : least), Infinity) * step * one;
  const size = Math.max(...samples.map((t) => widthOf(t, 12))) + 8;
  if (near >= size + 4 && high >= 22) {
    return [
      boxes(role, samples.map((t) => [x(t * step) - size / 2, y - 9, size, 18])),
      samples.map((t) => label("middle small", x(t * step), y, t)),
    ];
  }
  const places = new Map(samples.map((t) => [Math.floor(x(t * step) / 3), t]));
  return marks(role, [...places.values()].map((t) => [x(t * step), y]), high < 12 ? 2 : 3.5);
}

/** One row of samples for each layer, from the output at the top to the cells of the input at the bottom. */
function picture({ seen: { field, read, rows, edges, cells }, width }) {
  const scale = Math.max(8, 2 ** Math.ceil(Math.log2(field))); // doubled when needed: between, the cone is seen to grow
  const one = (width - NAMES - 1) / scale;
  const x = (sample) => NAMES + (sample + 0.5) * one;
  const [from, to] = [x(-0.5), x(field - 0.5)];
  const depth = rows.length - 1, high = FIELD / depth;
  const key = legend(LEGEND, width);
  const top = key.height + 22, y = (row) => top + row * high, foot = y(depth) + CELL;

  const every = Math.ceil(16 / high), twoLines = high >= 34; // so many rows share a name
  const named = range(0, depth + 1).filter((row) => row === depth || (row % every === 0 && row <= depth - every));
  const roles = range(0, depth + 1).map((row) => (row === 0 ? "output" : row === depth ? "input" : "window"));
  const nameAt = (row) => y(row) + (row === depth ? CELL / 2 : 0) - (twoLines ? 8 : 0);

  const roomy = one >= 20; // for a number in each cell of the input; else some stand below
  const outside = { kind: "guide", first: field, width: scale - field };
  const single = ({ kind, first, width }) => range(first, first + width).map((i) => ({ kind, first: i, width: 1 }));
  const all = one >= 4 ? [...cells, outside].flatMap(single) : cells;
  const wide = { guide: one >= 4 ? [] : [[to, y(depth), x(scale - 0.5) - to, CELL]], input: [], unread: [] };
  const thin = []; // where samples are stepped over that are too narrow to be a box
  for (const { kind, first, width } of all) {
    if (width * one >= 1.5) wide[kind].push([x(first - 0.5), y(depth), width * one, CELL]);
    else if (kind === "unread") {
      const at = 4 * Math.floor(x(first) / 4);
      if (at !== thin.at(-1)) thin.push(at);
    }
  }
  const numbered = roomy ? all.map(({ first, kind }) => [first, kind])
    : ticks(0, scale - 1, Math.max(2, Math.floor((scale * one) / 48))).map((i) => [i]);

  const span = foot + 30;
  const says = read < field ? `${samples(field)}, ${read} of them read` : `${samples(field)} from the first to the last`;
  const shapes = [
    key.shapes,
    lines("window faint", edges.flatMap((list, row) =>
      list.map(([above, below]) => [x(above * rows[row].step), y(row), x(below * rows[row + 1].step), y(row + 1)]))),
    ...rows.slice(0, -1).map((row, i) => rowOf(roles[i], row, x, y(i), one, high)),
    boxes("input", [[from, y(depth), to - from, CELL]]), // under all cells, the thin ones too
    ...Object.entries(wide).map(([kind, list]) => boxes(kind, list)),
    lines("unread", thin.map((at) => [at, y(depth), at, foot])),
    ...numbered.map(([i, kind]) =>
      label(`middle small${kind === "unread" ? " clear" : ""}`, x(i), roomy ? y(depth) + CELL / 2 : foot + 11, i)),
    ...named.map((row) => label(`strong ${roles[row]}`, 0, nameAt(row), row === 0 || row === depth ? roles[row] : `layer ${depth - row}`)),
    ...(twoLines ? named.map((row) => label("small", 0, nameAt(row) + 16, counted(rows[row].count))) : []),
    lines("input", [[from, span, to, span], [from, span - 5, from, span + 5], [to, span - 5, to, span + 5]]),
    label("input", Math.min(NAMES, width - widthOf(says)), span + 16, says),
    label("small", 0, span + 38, "A sample stands over the first one that it reads."),
  ];
  return { shapes, height: span + 48 };
}

export default { title: "The cone from one output of a stack of layers down to its input", scene, sentence, picture };
