// What a kernel makes of a signal, in float64, and what of a long signal is drawn.

/** The numbers from `first` up to `after`. */
export const range = (first, after) => Array.from({ length: Math.max(0, after - first) }, (_, i) => first + i);

/** Output t of one kernel (K,) over one signal (L,). */
export function outputAt(t, x, weight, dilation = 1) {
  let sum = 0;
  for (let k = 0; k < weight.length; k++) sum += weight[k] * x[t + k * dilation];
  return sum;
}

/** The outputs from `first` up to `after` of one kernel over one signal. */
export const outputs = (x, weight, first = 0, after = x.length - weight.length + 1, dilation = 1) =>
  range(first, after).map((t) => outputAt(t, x, weight, dilation));

/** The smallest and the largest of some rows of numbers, 0 among them: Math.min(...) fails for long rows. */
export function limits(rows, [low, high] = [0, 0]) {
  for (const row of rows)
    for (const value of row) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  return [low, high];
}

/** Of a long curve what can be seen: places and values of the lowest and highest of each short stretch. */
export function thinned(values, most = 2000, first = 0, after = values.length) {
  const stretch = Math.ceil((2 * (after - first)) / most);
  if (stretch <= 2) return range(first, after).map((i) => [i, values[i]]);
  const kept = [];
  for (let start = first; start < after; start += stretch) {
    let [low, high] = [start, start];
    for (let i = start; i < Math.min(start + stretch, after); i++) {
      if (values[i] < values[low]) low = i;
      if (values[i] > values[high]) high = i;
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) kept.push([i, values[i]]);
  }
  return kept;
}

/** At most so many of `count` places, evenly spread, with the first and the last among them. */
export function evenly(count, most) {
  const n = Math.min(count, most);
  return Array.from({ length: n }, (_, i) => (n === 1 ? 0 : Math.round((i * (count - 1)) / (n - 1))));
}

// Time steps of a signal that one picture shows. Of a longer one it shows the page that the window is on.
const PAGE = 100;

/** [first, after] of the time steps to show around a window. Pages overlap by half: the whole window is on one. */
export function pageAround(t, reads, length) {
  const size = Math.max(PAGE, 2 * reads);
  if (length <= size) return [0, length];
  const half = Math.floor(size / 2);
  const first = Math.min(Math.floor(t / half) * half, length - size);
  return [first, first + size];
}

/** Write a number as a person would: few digits that count, and a real minus sign, as plotting.number does. */
export function number(value, digits = 4) {
  if (!Number.isFinite(value)) return String(value).replace("NaN", "nan").replace("-", "−").replace("Infinity", "inf");
  const [mantissa, exponent] = (value + 0).toExponential(digits - 1).split("e");
  const power = Number(exponent);
  const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  const text =
    power < -4 || power >= digits
      ? `${short(mantissa)}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
      : short(value.toFixed(Math.max(0, digits - 1 - power)));
  return (Number(text) === 0 ? "0" : text).replaceAll("-", "−");
}
