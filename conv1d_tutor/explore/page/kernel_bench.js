// The taps of a kernel set by hand: what it makes of a signal, and which waves it lets through.

import { tooLong } from "./arithmetic.js";
import { stemPlot } from "./products.js";
import { limits, number, range, thinned } from "./signal.js";
import { curve, field, label, lines, marks, timeAxis, valueTicks } from "./shapes.js";

const POINTS = 1000; // so many of a long signal are drawn

/** The signal, ready for quick sums, and the scale of its picture: room for what most kernels make of it. */
function prepare({ x, presets }) {
  const [low, high] = limits([x]);
  const scale = limits([[1.2 * low, 1.2 * high, -0.4 * low, -0.4 * high]]);
  return { x: Float64Array.from(x), drawn: thinned(x, POINTS), presets, scale };
}

const tapsOf = (state) => Object.keys(state).filter((name) => name.startsWith("tap_")).map((name) => state[name]);

/** The taps follow a button; a tap that is moved by hand releases it. As `KernelBench` does in Python. */
function settle({ state, data: { presets }, changed }) {
  const chosen = presets[state.preset];
  if (!chosen) return {};
  if (changed.has("preset")) return { values: Object.fromEntries(chosen.map((tap, k) => [`tap_${k}`, tap])) };
  return tapsOf(state).every((tap, k) => Math.abs(tap - chosen[k]) < 1e-9) ? {} : { values: { preset: null } };
}

/** The output of the whole signal and its limits, in one go: a signal may be long. */
function outputOf(x, weight) {
  const output = new Float64Array(x.length - weight.length + 1);
  let [low, high] = [0, 0];
  for (let t = 0; t < output.length; t++) {
    let sum = 0;
    for (let k = 0; k < weight.length; k++) sum += weight[k] * x[t + k];
    output[t] = sum;
    if (sum < low) low = sum;
    if (sum > high) high = sum;
  }
  return { output, reached: [low, high] };
}

const FREQUENCIES = range(0, 129).map((i) => i / 256); // waves per time step, from none to up, down, up, down

/** How much of a wave of each frequency is left: the size of the taps' Fourier transform. */
const responseOf = (weight) =>
  FREQUENCIES.map((frequency) => {
    let [real, imaginary] = [0, 0];
    weight.forEach((tap, k) => {
      real += tap * Math.cos(2 * Math.PI * frequency * k);
      imaginary -= tap * Math.sin(2 * Math.PI * frequency * k);
    });
    return Number(Math.hypot(real, imaginary).toFixed(12)); // sines of whole turns are not quite 0
  });

/** Limits doubled until what is reached fits: a scale that does not jump at every move. */
function doubled([low, high], [least, most]) {
  let factor = 1;
  while (least < low * factor - 1e-12 || most > high * factor + 1e-12) factor *= 2;
  return [low * factor, high * factor];
}

/** The taps, the whole output, how much of each wave is left, and the scales that have room for both. */
function scene({ state, data: { x, scale } }) {
  const weight = tapsOf(state);
  if (weight.length > x.length) {
    return { refusal: tooLong({ length: x.length, kernel_size: weight.length, padding: 0, dilation: 1 }) };
  }
  const { output, reached } = outputOf(x, weight), response = responseOf(weight);
  return { weight, output, response, scale: doubled(scale, reached), full: doubled([0, 2], limits([response])) };
}

/** Say what the kernel does to the slowest and to the fastest wave. */
const sentence = ({ seen: { response } }) =>
  `A constant signal comes out ${number(response[0], 3)} times as large, ` +
  `the fastest wave (up, down, up, down) ${number(response.at(-1), 3)} times.`;

/** Values as a line over the time steps of the input; `values` are [time step, value]. */
function line(role, [x, y, width, height], values, length, [low, high]) {
  const f = field([x, y + 4, width, height - 4], [-0.5, length - 0.5], [low, high]);
  const points = values.map(f.at);
  return [
    axisOfValues(f),
    lines("zero", [[x, f.up(0), x + width, f.up(0)]]),
    curve(role, points),
    width / length > 4 ? marks(role, points, 2) : [],
    timeAxis(f, { first: 0, last: length - 1 }),
  ];
}

const axisOfValues = (f, count = 5) =>
  valueTicks(f.low, f.high, count).map((value) => label("end small", f.x - 7, f.up(value), number(value, 3)));

/** How much of each wave is left, and below it the numbers at both ends. */
function waves([x, y, width, height], response, full) {
  const f = field([x, y + 10, width, height - 10], [0, 0.5], full);
  const points = response.map((value, i) => f.at([FREQUENCIES[i], value]));
  const steps = [0, 0.1, 0.2, 0.3, 0.4, 0.5], bottom = y + height;
  return [
    axisOfValues(f, 4),
    lines("guide", [[x, f.up(1), x + width, f.up(1)]]),
    lines("axis", [[x, bottom, x + width, bottom], ...steps.map(f.across).map((at) => [at, bottom, at, bottom + 4])]),
    ...steps.map((step) => label("middle small", f.across(step), bottom + 14, step)),
    curve("kernel", points),
    marks("kernel", [points[0], points.at(-1)], 4),
    label("middle small", x + width / 2, bottom + 31, "waves per time step"),
    label("small kernel", x - 4, bottom + 49, `constant: × ${number(response[0], 3)}`),
    label("end small kernel", x + width + 4, bottom + 49, `fastest: × ${number(response.at(-1), 3)}`),
  ];
}

// Heights of a title, a plot, the numbers below it, what more stands below the waves; room for the numbers of an axis.
const [TITLE, PLOT, AXIS, BELOW, LEFT] = [22, 130, 32, 34, 46];

/** Input and output on one time axis; beside them, or around them where it is narrow, the taps and what waves become. */
function picture({ data: { x, drawn, scale: first }, seen: { weight, output, response, scale, full }, width }) {
  const beside = width >= 700;
  const half = beside ? Math.floor(width * 0.6) : width;
  const across = half - LEFT - 2, other = beside ? half + LEFT + 24 : LEFT;
  const high = beside ? PLOT + BELOW / 2 : PLOT; // so that both columns end together
  const step = TITLE + high + AXIS, small = TITLE + PLOT + AXIS;
  const top = beside
    ? { taps: 0, input: 0, output: step, waves: small }
    : { taps: 0, input: small, output: 2 * small, waves: 3 * small };
  const size = width - other - 12;
  const shapes = [
    label("strong kernel", other - LEFT, top.taps + 10, "kernel"),
    stemPlot("kernel", [other, top.taps + TITLE, size, PLOT], [0, weight.length], [...weight.entries()], [-1, 1]).shapes,
    label("strong input", 0, top.input + 10, "input"),
    line("input", [LEFT, top.input + TITLE, across, high], drawn, x.length, first),
    label("strong output", 0, top.output + 10, "output"),
    label("", 62, top.output + 10, "each below its first sample"),
    line("output", [LEFT, top.output + TITLE, across, high], thinned(output, POINTS), x.length, scale),
    label("strong kernel", other - LEFT, top.waves + 10, "how much of each wave is left"),
    waves([other, top.waves + TITLE, size, PLOT], response, full),
  ];
  return { shapes, height: top.waves + TITLE + PLOT + AXIS + BELOW - 4 };
}

const title = "A kernel, what it makes of a signal, and which waves it lets through";
export default { title, prepare, settle, scene, sentence, picture };
