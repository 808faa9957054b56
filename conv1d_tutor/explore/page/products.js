// Sample times tap, in numbers that a reader can check: a table of cells, and the stems above and below it.

import { number } from "./signal.js";
import { boxes, field, label, lines, stems, timeAxis, valueTicks, widthOf } from "./shapes.js";

/** Room left of a table and of a plot, for the names of rows and the numbers of the axis. */
export const GUTTER = 68;
/** How wide a cell is at least. */
export const CELL = 48;
const [HEADER, ROW] = [18, 22]; // heights

/** How wide a small text is, a little generously: the font may be a wide one. */
const wide = (text) => widthOf(text, 13.8);

/** A number in at most 4 digits, fewer where a cell has no room for them. */
export function numberIn(value, room) {
  for (let digits = 4; digits > 1; digits--) if (wide(number(value, digits)) <= room) return number(value, digits);
  return number(value, 1);
}

/** A tap as people write it: 1/3 and not 0.3333, which would not give back the product beside it. */
export function tapText(value) {
  const parts = Math.round(1 / Math.abs(value));
  const whole = parts > 2 && parts < 100 && Math.abs(Math.abs(value) * parts - 1) < 1e-12;
  const endless = Math.abs(Number(value.toPrecision(3)) - value) > 1e-12;
  return whole && endless ? `${value < 0 ? "−" : ""}1/${parts}` : number(value);
}

/** The terms of a sum with their signs between them. */
export const added = ([first, ...others]) =>
  number(first) + others.map((value) => ` ${value < 0 ? "−" : "+"} ${number(Math.abs(value))}`).join("");

/** How many lines of cells a table has, and how high it is; taps beyond two lines are one cell. */
export function tableSize(taps, perLine) {
  const count = Math.min(2, Math.ceil(taps / perLine));
  return { count, height: count * (HEADER + 3 * ROW) };
}

/**
 * A window as a table: each sample, its tap below it, their product below both. `headings` says whether the time steps
 * stand above; `row` is how high a row of cells is. Returns the shapes, and where it ends.
 */
export function productTable(
  { x, y, cell = CELL, perLine, start, samples, weight, products, headings = true, row = ROW },
) {
  const room = perLine * tableSize(weight.length, perLine).count;
  const few = weight.length > room ? room - 1 : weight.length;
  const inside = cell - 6;
  const entries = Array.from({ length: few }, (_, k) =>
    [start + k, numberIn(samples[k], inside), tapIn(weight[k], inside), numberIn(products[k], inside)]);
  if (few < weight.length) {
    const rest = products.slice(few).reduce((sum, product) => sum + product, 0);
    entries.push(["…", `+ ${weight.length - few}`, "more", numberIn(rest, inside)]);
  }
  const high = HEADER + 3 * row, count = Math.ceil(entries.length / perLine);
  const placed = entries.map((texts, i) => [x + (i % perLine) * cell, y + Math.floor(i / perLine) * high, texts]);
  const middle = (r) => HEADER + (r + 0.5) * row;
  const rows = [["input", "sample"], ["kernel", "· kernel"], ["window", "= product"]];
  const shapes = [
    ...(headings ? placed : []).map(([left, top, [step]]) => label("middle small", left + cell / 2, top + HEADER / 2 + 1, step)),
    ...rows.flatMap(([role, name], r) => [
      boxes(role, placed.map(([left, top]) => [left + 1, top + HEADER + r * row + 1, cell - 2, row - 2])),
      ...placed.map(([left, top, texts]) => label("middle small", left + cell / 2, top + middle(r), texts[r + 1])),
      ...Array.from({ length: count }, (_, i) => label(`end small ${role}`, x - 6, y + i * high + middle(r), name)),
    ]),
  ];
  return { shapes, bottom: y + count * high };
}

const tapIn = (value, room) => (wide(tapText(value)) <= room ? tapText(value) : numberIn(value, room));

/** One number in a cell that is as wide as it says. */
export const numberCell = (role, x, y, width, value, row = ROW) => [
  boxes(role, [[x + 1, y + 1, width - 2, row - 2]]),
  label("middle small strong", x + width / 2, y + row / 2, numberIn(value, width - 8)),
];

/**
 * Stems over the time steps from `first` up to `after`: `points` are [time step, value]. The numbers stand at the tops
 * if all of them have room; the last one of `current` points stands out. Returns the shapes and the field, in which a
 * time step is `one` pixels wide.
 */
export function stemPlot(role, [x, y, width, height], [first, after], points, [low, high], current = false) {
  const lift = 22; // for a number on a stem
  const f = field([x, y + lift, width, height - lift - (low < 0 ? lift : 0)], [first - 0.5, after - 0.5], [low, high]);
  const one = width / (after - first);
  const texts = one < 10 ? [] : points.map(([, value]) => number(value, 3)); // not even one digit has room in less
  const numbered = texts.length && texts.every((text) => wide(text) <= one - 3);
  const zero = f.up(0), [lastX, lastY] = f.at(points.at(-1)), last = points.at(-1)[1];
  const shapes = [
    valueTicks(low, high, 4).map((value) => label("end small", x - 7, f.up(value), number(value, 3))),
    lines("zero", [[x, zero, x + width, zero]]),
    stems(role, points.map(f.at), zero, one < 12 ? 2.5 : 3.5),
    ...(numbered ? points.slice(0, current ? -1 : undefined) : []).map(([step, value], i) =>
      label("middle small", f.across(step), f.up(value) + (value < 0 ? 12 : -12), texts[i])),
    current
      ? [
          boxes("ring", [[lastX - 7, lastY - 7, 14, 14]]),
          label("middle small strong clear", Math.max(lastX, x + 12), lastY + (last < 0 ? 16 : -16), number(last)),
        ]
      : [],
    timeAxis(f, { first, last: after - 1, y: y + height }),
  ];
  return { shapes, f, one };
}
