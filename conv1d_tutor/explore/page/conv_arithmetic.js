// Length, kernel_size, stride, padding and dilation: every window over the padded input, and the length.

import { lengthFormula, outputLength, samples, tooLong, unreadSamples, unreadTail, windowOf } from "./arithmetic.js";
import { evenly } from "./signal.js";
import { boxes, boxSign, label, legend, lines, ticks } from "./shapes.js";

// So many windows, and taps of each, are drawn at the most; with more cells than this, neighbours are one bar.
const ROWS = 120, TAPS = 30, CELLS = 80;

/** The cells of the padded input, the windows that are shown, one row of input indices each, and what is never read. */
function scene({ state }) {
  const { length, padding, kernel_size } = state;
  const count = outputLength(state);
  if (!count) return { count, refusal: tooLong(state) };
  const unread = unreadSamples(state);
  const missed = new Set(unread);
  const cells = []; // of each cell, or bar: kind, first time step, width
  for (let i = -padding; i < length + padding; i++) {
    const kind = i < 0 || i >= length ? "padding" : missed.has(i) ? "unread" : "input";
    const last = cells.at(-1);
    if (length + 2 * padding > CELLS && last?.kind === kind) last.width++;
    else cells.push({ kind, first: i, width: 1 });
  }
  const shown = evenly(count, ROWS);
  const taps = evenly(kernel_size, TAPS);
  const windows = shown.map((t) => taps.map((k) => windowOf(t, state)[k]));
  return { count, cells, shown, windows, unread };
}

/** Say how many samples go in and come out, and how many are never read. */
function sentence({ state, seen: { count, shown, unread } }) {
  const tail = unreadTail(state), gaps = unread.length - tail;
  const verb = (n) => (n === 1 ? "is" : "are");
  return [
    `Conv1d turns ${samples(state.length)} into ${count}.`,
    tail && `${samples(tail)} at the end ${verb(tail)} read by no window.`,
    gaps && `${samples(gaps)} ${verb(gaps)} stepped over by every window.`,
    !unread.length && "Every sample is read.",
    shown.length < count && `The picture shows ${shown.length} of the windows, evenly spread.`,
    lengthFormula(state),
  ].filter(Boolean).join(" ");
}

const [CELL, GAP, FIELD, OUTPUT] = [26, 26, 300, 46]; // heights of a cell, a heading, all windows; width of an output
const LEGEND = [["input", "input"], ["padding", "padding"], ["unread", "read by no window"], ["window", "tap of a window"], ["output", "output"]];

/** The cells of the input over one row for each window, and beside each window the number of its output. */
function picture({ state, seen: { count, cells, windows, shown, unread }, width }) {
  const { length, padding } = state;
  const right = width - OUTPUT;
  const one = Math.min((right - 14) / (length + 2 * padding), 96);
  const x = (step) => (step + padding) * one;
  const key = legend(LEGEND.map(([role, text]) => [boxSign(role), text]), width);
  const roomy = one >= 20; // for a number in each cell; else some stand below
  const top = key.height + GAP, field = top + CELL + GAP + (roomy ? 0 : 16);
  const high = FIELD / count, box = Math.min(high * 0.8, CELL);
  const row = (t) => field + (t + 0.5) * high; // the middle of a window's row
  const inner = Math.min(one, box) < 5 ? 0 : 1; // a gap between neighbouring taps
  const at = windows.map((window, i) => [window, row(shown[i])]);
  const missed = new Set(unread);
  const wide = cells.filter((cell) => cell.width * one >= 1.5);
  const hints = new Set(cells.filter((c) => c.kind === "unread" && c.width * one < 1.5).map((c) => 4 * Math.floor(x(c.first) / 4)));
  const numbered = roomy ? cells.filter(({ kind }) => kind !== "padding").map((cell) => cell.first)
    : ticks(0, length - 1, Math.max(2, Math.floor((length * one) / 34)));
  const shapes = [
    key.shapes,
    label("strong input", 0, top - 12, `input: ${samples(length)}${padding ? `, ${padding} + ${padding} of padding` : ""}`),
    boxes("input", [[x(0), top, length * one, CELL]]), // under all cells, the thin ones too
    ...["input", "padding", "unread"].map((kind) => boxes(kind, wide.filter((c) => c.kind === kind).map((c) => [x(c.first), top, c.width * one, CELL]))),
    lines("unread", [...hints].map((at) => [at, top, at, top + CELL])),
    ...numbered.map((i) => label(`middle small${missed.has(i) && roomy ? " clear" : ""}`, x(i) + one / 2, roomy ? top + CELL / 2 : top + CELL + 10, i)),
    label("strong window", 0, field - 12, count === 1 ? "1 window" : `${count} windows`),
    label("strong output end", width - 1, field - 12, `output: ${count}`),
    lines("guide", high < 6 ? [] : at.map(([w, y]) => [x(w.at(-1)) + one, y, right, y])),
    lines("window", at.map(([w, y]) => [x(w[0]) + one / 2, y, x(w.at(-1)) + one / 2, y])),
    boxes("window", at.flatMap(([w, y]) => w.map((tap) => [x(tap) + inner, y - box / 2, one - 2 * inner, box]))),
    ...(roomy && box >= 14 ? at.flatMap(([w, y]) => w.filter((i) => i >= 0 && i < length).map((i) => label("middle small", x(i) + one / 2, y, i))) : []),
    boxes("output", shown.map((t) => [right, row(t) - box / 2, OUTPUT - 1, box])),
    ...(box >= 12 ? shown.map((t) => label("middle small", right + OUTPUT / 2, row(t), t)) : []),
  ];
  return { shapes, height: field + FIELD + 6 };
}

export default { title: "The windows of a Conv1d over its input", scene, sentence, picture };
