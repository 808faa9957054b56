// Every argument of a Conv1d and the shape of its input: the three tensors as blocks, their sizes, what is learned.

import { lengthFormula, outputLength, tooLong } from "./arithmetic.js";
import { range } from "./signal.js";
import { boxes, label, lines, widthOf } from "./shapes.js";

const tuple = (sizes) => `(${sizes.join(", ")})`;

/** The shapes of weight and output, and how many numbers are learned; or the rule by which torch refuses. */
function scene({ state }) {
  const { shape, in_channels, out_channels, kernel_size, groups, bias, stride } = state;
  const [channels, length] = shape.slice(-2);
  const refusal = refused({ ...state, channels, length });
  if (refusal) return { refusal };
  const weight = [out_channels, in_channels / groups, kernel_size];
  const weights = weight.reduce((a, b) => a * b);
  const count = outputLength({ ...state, length });
  const output = [...shape.slice(0, -2), out_channels, count];
  const t = Math.min(Math.ceil(state.padding / stride), count - 1); // the first output that reads no padding, if any
  const window = range(0, kernel_size).map((k) => t * stride - state.padding + k * state.dilation);
  return { weight, output, weights, parameters: weights + (bias ? out_channels : 0), t, window };
}

/** Why torch would not build this layer, or not run it on this input, in the order in which it looks. */
function refused({ shape, channels, length, in_channels, out_channels, groups, padding, padding_mode, ...sliding }) {
  for (const [name, size] of [["in_channels", in_channels], ["out_channels", out_channels]]) {
    if (size % groups) {
      return {
        nothing: "No layer",
        found: `${name}=${size} cannot be split into groups=${groups} equal parts.`,
        rule: `groups must divide in_channels and out_channels, but ${size} = ${Math.floor(size / groups)}·${groups} + ${size % groups}.`,
        advice: `groups=${range(1, Math.min(in_channels, out_channels, 1000) + 1).filter((g) => in_channels % g === 0 && out_channels % g === 0).join(" or ")}.`,
      };
    }
  }
  if (channels !== in_channels) {
    return {
      found: `${channels} channels on the axis before the last.`,
      rule: `that axis is the channels axis and must equal in_channels=${in_channels}.`,
      advice: length === in_channels
        ? `the last two axes turned, ${shape.length === 3 ? "x.permute(0, 2, 1)" : "x.T"}, which gives ${tuple([...shape.slice(0, -2), length, channels])}.`
        : `a shape like ${tuple([...shape.slice(0, -2), in_channels, length])}, or in_channels=${channels}.`,
    };
  }
  const most = { reflect: length - 1, circular: length }[padding_mode] ?? Infinity;
  if (padding > most) {
    return {
      found: `padding=${padding} on ${length} samples.`,
      rule: `padding_mode='${padding_mode}' takes what it adds from the signal itself, at most ${most} samples on each side.`,
      advice: `padding=${Math.max(most, 0)}, or padding_mode='zeros'.`,
    };
  }
  if (length === 0) {
    return { found: "0 samples.", rule: "an input has at least one sample for each channel.", advice: "a shape whose last size is at least 1." };
  }
  if (!outputLength({ length, padding, ...sliding })) return tooLong({ length, padding, ...sliding });
  return null;
}

/** The layer as it is written in Python: what has its default stays away. */
function call({ in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode }) {
  const more = Object.entries({ stride: [stride, 1], padding: [padding, 0], dilation: [dilation, 1], groups: [groups, 1] })
    .filter(([, [value, usual]]) => value !== usual).map(([name, [value]]) => `, ${name}=${value}`);
  if (!bias) more.push(", bias=False");
  if (padding_mode !== "zeros") more.push(`, padding_mode='${padding_mode}'`);
  return `Conv1d(${in_channels}, ${out_channels}, ${kernel_size}${more.join("")})`;
}

/** Say what goes in and comes out, what is learned, and how long the output is. */
function sentence({ state, seen: { weight, output, weights, parameters } }) {
  const { shape, groups, bias, out_channels, in_channels, kernel_size } = state;
  const reads = weight[1] * kernel_size;
  return [
    `${call(state)} turns ${tuple(shape)} into ${tuple(output)}.`,
    `The weight is ${tuple(weight)}: ${weight.join("·")} = ${weights} numbers${bias ? `, and ${out_channels} of the bias: ${parameters}` : ", and no bias"}.`,
    `Each number of the output adds up ${weight[1]}·${kernel_size} = ${reads} product${reads === 1 ? "" : "s"}` +
      `${groups > 1 ? `, from ${weight[1]} of the ${in_channels} channels` : ""}.`,
    lengthFormula({ ...state, length: shape.at(-1) }),
  ].join(" ");
}

// So many rows and columns of a tensor are drawn at the most, and so many sheets one behind the other.
const [ROWS, COLUMNS, SHEETS, SHIFT, TOP, BOTTOM] = [6, 12, 4, 7, 52, 30];

/** Which indices of an axis are drawn: all, or the first and the last with a gap (null) between them. */
const drawn = (size, most) =>
  size <= most ? range(0, size) : [...range(0, most - 3), null, ...range(size - 2, size)];

const named = ({ letter, size }) => `${letter} = ${size}`;

/** One tensor: sheets of rows and columns. axes: [{letter, size, role}] of depth (or null), rows and columns. */
function block({ x, y, cell, title, role, axes: [depth, rows, columns], marked, start }) {
  const [down, across] = [drawn(rows.size, ROWS), drawn(columns.size, COLUMNS)];
  const sheets = depth ? Math.min(depth.size, SHEETS) : 1;
  const [left, top] = [x + start, y + TOP];
  const [wide, high] = [across.length * cell, down.length * cell];
  const behind = range(1, sheets).reverse().map((i) => [left + i * SHIFT, top - i * SHIFT, wide, high]);
  const cells = (list) => list.map(([r, c]) => [left + c * cell, top + r * cell, cell, cell]);
  const all = down.flatMap((r, i) => across.map((c, j) => [i, j, r, c])).filter(([, , r, c]) => r !== null && c !== null);
  const inside = all.filter(([, , r, c]) => marked(r, c));
  const gap = [
    ...across.map((c, j) => (c === null ? label("middle", left + (j + 0.5) * cell, top + high / 2, "⋯") : [])),
    ...down.map((r, i) => (r === null ? label("middle", left + wide / 2, top + (i + 0.5) * cell, "⋮") : [])),
  ];
  return [
    label(`strong ${role}`, x, y + 8, title),
    ...behind.map((sheet) => boxes(`${role} sheet`, [sheet])),
    boxes("paper", [[left, top, wide, high]]),
    boxes(role, cells(all.filter(([, , r, c]) => !marked(r, c)))),
    boxes("window", cells(inside)),
    ...gap,
    label(`end strong ${rows.role}`, left - 8, top + high / 2, named(rows)),
    label(`middle strong ${columns.role}`, left + wide / 2, top + high + 14, named(columns)),
    depth ? lines("axis", [[left - 5, top - 5, left - 5 + (sheets - 1) * SHIFT, top - 5 - (sheets - 1) * SHIFT]]) : [],
    depth ? label(`end strong ${depth.role}`, left - 4, top - 6 - ((sheets - 1) * SHIFT) / 2 - 4, named(depth)) : [],
  ];
}

/** Input, weight and output side by side, or one below the other where it is narrow. */
function picture({ state, seen: { weight, output, t, window }, width }) {
  const { shape, groups } = state;
  const [N, C, L, O, K] = [["N", ""], ["C", "input"], ["L", "window"], ["O", "output"], ["K", "kernel"]]
    .map(([letter, role]) => (size, name = letter) => ({ letter: name, size, role }));
  const batch = shape.length === 3 ? N(shape[0]) : null;
  const taps = new Set(window);
  const tensors = [
    { title: `input ${tuple(shape)}`, role: "input", axes: [batch, C(shape.at(-2)), L(shape.at(-1))],
      marked: (r, c) => r < weight[1] && taps.has(c) },
    { title: `weight ${tuple(weight)}`, role: "kernel", axes: [O(weight[0]), C(weight[1], groups > 1 ? "C/groups" : "C"), K(weight[2])],
      marked: () => true },
    { title: `output ${tuple(output)}`, role: "output", axes: [batch, O(output.at(-2)), L(output.at(-1), "L_out")],
      marked: (r, c) => r === 0 && c === t },
  ];
  const beside = width >= 660;
  const panel = beside ? width / 3 : width;
  const starts = tensors.map(({ axes: [depth, rows] }) =>
    12 + Math.max(...[depth, rows].filter(Boolean).map((axis) => widthOf(named(axis), 14.5))));
  const start = (i) => (beside ? starts[i] : Math.max(...starts));
  const cell = Math.max(9, Math.min(28, (panel - Math.max(...starts) - (SHEETS - 1) * SHIFT - 16) / COLUMNS));
  const tall = TOP + ROWS * cell + BOTTOM;
  const blocks = tensors.map((tensor, i) =>
    block({ ...tensor, cell, start: start(i), x: beside ? i * panel : 0, y: beside ? 0 : i * tall }));
  const signs = beside ? ["∗", "="].map((sign, i) => label("middle strong", (i + 1) * panel - 8, TOP + (ROWS * cell) / 2, sign)) : [];
  const note = "one number of the output, and what it is made of";
  const below = (beside ? tall : 3 * tall) + 8;
  const shapes = [
    blocks,
    signs,
    boxes("window", [[0, below - 6, 20, 12]]),
    label("", 28, below, widthOf(note) + 28 < width ? note : "one output number and its parts"),
  ];
  return { shapes, height: below + 14 };
}

export default { title: "The three tensors of a Conv1d: input, weight and output", scene, sentence, picture };
