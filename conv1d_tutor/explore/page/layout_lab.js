// From a table to (batch, channels, length): where each value goes under permute, reshape and other moves.

import { range } from "./signal.js";
import { boxes, fitted, label, lines, widthOf } from "./shapes.js";

// What the axes of the array hold that the table becomes first, and what Conv1d takes them for.
const HOLDS = ["cases", "times", "features"];
const WANTED = { items: "cases", channels: "features", steps: "times" };

// The axes of the array in their new order. A reshape keeps the order of the values and changes only the sizes.
const ORDER = {
  "permute(0, 2, 1)": [0, 2, 1],
  "nothing": [0, 1, 2],
  "transpose(0, 1)": [1, 0, 2],
  "permute(2, 1, 0), as .T does": [2, 1, 0],
};

/** The shape after a move, and which value of the table, counted by rows, stands at each place: [items][rows][columns]. */
function moved(move, sizes) {
  const [cases, times, features] = sizes;
  const order = ORDER[move];
  const shape = order ? order.map((axis) => sizes[axis]) : [cases, features, times];
  const strides = [times * features, features, 1];
  const [item, row, column] = order ? order.map((axis) => strides[axis]) : [shape[1] * shape[2], shape[2], 1];
  const items = range(0, shape[0]).map((i) =>
    range(0, shape[1]).map((r) => range(0, shape[2]).map((c) => i * item + r * row + c * column)));
  return { shape, items };
}

/** What each axis of the result holds: the one thing that changes along it, or a mixture. */
function axesOf({ shape, items }, [, times, features]) {
  const parts = (value) => [Math.floor(value / (times * features)), Math.floor(value / features) % times, value % features];
  const at = (place) => parts(items[place[0]][place[1]][place[2]]);
  return [0, 1, 2].map((axis) => {
    const change = new Set();
    for (const i of range(0, shape[0])) for (const r of range(0, shape[1])) for (const c of range(0, shape[2])) {
      const place = [i, r, c];
      if (!place[axis]) continue;
      const [here, before] = [at(place), at(place.map((index, a) => index - (a === axis)))];
      here.forEach((part, which) => part !== before[which] && change.add(which));
    }
    return change.size === 1 ? HOLDS[[...change][0]] : "mixed";
  });
}

/** The name of each value, and what every move makes of them. */
function prepare({ ids, features, times }) {
  const sizes = [ids.length, times, features.length];
  const rows = ids.flatMap((id) => range(0, times).map((t) => [id, `h${t}`]));
  const after = Object.fromEntries([...Object.keys(ORDER), "reshape"].map((move) => {
    const result = moved(move, sizes);
    return [move, { ...result, axes: axesOf(result, sizes) }];
  }));
  return { features, rows, after, names: rows.flatMap((row) => features.map((feature) => [...row, feature].join(" "))) };
}

/** No more items than the result has. */
const settle = ({ state, data }) => ({ most: { item: data.after[state.move].shape[0] - 1 } });

/** The shape, one item of it as rows of values, what its axes hold, and the verdict as check_layout has it. */
function scene({ state, data }) {
  const { shape, items, axes } = data.after[state.move];
  const code = axes.join() === HOLDS.join() ? "unchanged" : axes.includes("mixed") ? "reshaped" : "permuted";
  return { shape, item: items[state.item], axes, code };
}

const tuple = (shape) => `(${shape.join(", ")})`;

/** Say what the first channel of the item holds, and whether it is one feature over time. */
function sentence({ state, data: { names }, seen: { shape, item, axes, code } }) {
  const holds = item[0].map((value) => names[value]).join(", ");
  const verdict =
    code === "reshaped" ? "It mixes several features: the shape is right, the data are wrong."
    : axes.join() === Object.values(WANTED).join() ? "It is one feature of one case over time: this is what Conv1d reads."
    : `The kernel would slide from ${axes[2].slice(0, -1)} to ${axes[2].slice(0, -1)}, not along time.`;
  return `${state.move.split(", as ")[0]} gives ${tuple(shape)}: item ${state.item}, channel 0 holds ${holds}. ${verdict}`;
}

const [HEAD, GAP, WIDEST] = [44, 40, 180]; // height above a grid; width between two, and of the widest cell
const LINE = 20; // from one line of text to the next

/** A case and a time step in so much room: of a long case stands the end, where names differ most often. */
function shortRow([id, time], room) {
  const fits = fitted(id, room - widthOf(` ${time}`, 12), 12);
  return fits === id ? `${id} ${time}` : `…${id.slice(1 - fits.length)} ${time}`;
}

/** Cells of at most this width, and how the names fit into them: in one line, or in two, cut if they must be. */
function cellsOf(names, room) {
  const wide = Math.min(room, WIDEST);
  const needed = (size) => Math.max(...names.map((name) => widthOf(name, size)));
  const one = needed(12) <= wide - 6;
  return { wide, one, size: one && needed(13) <= wide - 6 ? "" : "small", high: one ? 27 : 38 };
}

/** A grid of values in the colours of their features, with a heading, and names for rows and columns. */
function grid({ x, y, wide, high, one, size }, heading, rows, columns, values, { features, rows: ofTable, names }) {
  const count = features.length;
  const cells = values.flatMap((row, r) => row.map((value, c) => [value, x + c * wide, y + r * high]));
  const two = (value) => [shortRow(ofTable[Math.floor(value / count)], wide - 6), fitted(features[value % count], wide - 6, 12)];
  return [
    label("strong", heading.x, y - HEAD + 10, heading.text),
    ...columns.map((text, c) => label("middle small", x + (c + 0.5) * wide, y - 11, fitted(text, wide - 2, 12))),
    ...rows.map((text, r) => label("end small", x - 8, y + (r + 0.5) * high, text)),
    ...range(0, count).map((f) => boxes(`feature f${f}`, cells.filter(([value]) => value % count === f).map(([, a, b]) => [a, b, wide, high]))),
    ...cells.flatMap(([value, a, b]) => one
      ? [label(`middle ${size}`, a + wide / 2, b + high / 2, names[value])]
      : two(value).map((text, i) => label("middle small", a + wide / 2, b + high / 2 - 8 + 16 * i, text))),
  ];
}

/** The border around cells [column, row] of a grid: every edge that has such a cell on one side only. */
function border(cells, { x, y, wide, high }) {
  const taken = new Set(cells.map(String));
  const edges = cells.flatMap(([c, r]) => {
    const [left, top, right, bottom] = [x + c * wide, y + r * high, x + (c + 1) * wide, y + (r + 1) * high];
    return [
      [[c, r - 1], [left, top, right, top]], [[c, r + 1], [left, bottom, right, bottom]],
      [[c - 1, r], [left, top, left, bottom]], [[c + 1, r], [right, top, right, bottom]],
    ];
  });
  return lines("taken", edges.filter(([beside]) => !taken.has(String(beside))).map(([, edge]) => edge));
}

/** The table, one row for each case and time step, beside one item of the tensor made from it, or above it. */
function picture({ state, data, seen, width }) {
  const { features, rows, names, after } = data;
  const turned = Object.values(after).map(({ shape }) => shape);
  const parts = [...rows.map((row) => row.join(" ")), ...features].map((part) => widthOf(part, 12));
  const rowNames = Math.min(Math.max(...parts.slice(0, rows.length)) + 10, 0.2 * width);
  const channelNames = widthOf("channel 0", 12) + 10;
  const broadest = Math.max(...turned.map((shape) => shape[2]));
  const beside = (width - rowNames - GAP - channelNames - 4) / (features.length + broadest);
  const stacked = beside < Math.min(Math.max(...parts) + 6, 100);
  const cells = (columns) => cellsOf(names, stacked ? (width - channelNames - 4) / columns : beside);

  const table = { x: rowNames + 2, y: HEAD, ...cellsOf(names, stacked ? (width - rowNames - 4) / features.length : beside) };
  const foot = table.y + rows.length * table.high;
  const left = stacked ? 0 : table.x + features.length * table.wide + GAP;
  const [channels, steps] = [seen.item.length, seen.item[0].length];
  const tensor = { x: left + channelNames + 2, y: stacked ? foot + HEAD + 22 : HEAD, ...cells(steps) };
  const below = (high) => tensor.y + high + 18; // where the arrow is
  const [y, start, end] = [below(channels * tensor.high), tensor.x + 4, tensor.x + steps * tensor.wide - 4];
  const holds = Object.entries(WANTED).map(([axis, wanted], i) => {
    const [right, text] = [seen.axes[i] === wanted, `${seen.shape[i]} ${axis}: ${seen.axes[i]}`];
    return label(right ? "output" : "unread", left, y + LINE * (i + 2), right ? `${text} ✓` : `${text} ✗ (should be ${wanted})`);
  });
  const shapes = [
    grid(table, { x: 0, text: "table: a row for each case and time" }, rows.map((row) => shortRow(row, rowNames - 8)), features,
      rows.map((_, r) => features.map((_, f) => r * features.length + f)), data),
    border(seen.item.flat().map((value) => [value % features.length, Math.floor(value / features.length)]), table),
    grid(tensor, { x: left, text: `item ${state.item} of the tensor ${tuple(seen.shape)}` },
      range(0, channels).map((c) => `channel ${c}`), range(0, steps).map((s) => `step ${s}`), seen.item, data),
    boxes("taken", [[tensor.x, tensor.y, steps * tensor.wide, channels * tensor.high]]),
    lines("axis", [[start, y, end, y], [end - 6, y - 4, end, y], [end - 6, y + 4, end, y]]),
    label("", tensor.x, y + LINE, "a kernel slides this way"),
    ...holds,
  ];
  const tallest = Math.max(...turned.map((shape) => shape[1] * cells(shape[2]).high));
  return { shapes, height: Math.max(foot, below(tallest) + LINE * 4.6) + 4 };
}

export default { title: "A table, and one item of the tensor made from it", prepare, settle, scene, sentence, picture };
