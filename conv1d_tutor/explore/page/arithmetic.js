// How long, how many, which samples? The whole-number side of Conv1d, as in conv1d_tutor/arithmetic.py.

/** Samples from the first tap to the last, both included. */
export const reach = ({ kernel_size, dilation }) => dilation * (kernel_size - 1) + 1;

/** At how many positions the kernel fits on the padded input; 0 if it does not fit at all. */
export function outputLength({ length, kernel_size, stride, padding, dilation }) {
  const room = length + 2 * padding - reach({ kernel_size, dilation });
  return room < 0 ? 0 : Math.floor(room / stride) + 1;
}

/** The input indices that output t reads, one for each tap; below 0, or from the length on, lies padding. */
export const windowOf = (t, { kernel_size, stride, padding, dilation }) =>
  Array.from({ length: kernel_size }, (_, k) => t * stride - padding + k * dilation);

/** The input samples that no window reads, in order. */
export function unreadSamples(spec) {
  const { length, kernel_size, stride, padding, dilation } = spec;
  const count = outputLength(spec);
  const read = new Uint8Array(length);
  for (let k = 0; k < kernel_size; k++) {
    const start = k * dilation - padding; // this tap reads every stride-th sample from here
    const from = start < 0 ? Math.ceil(-start / stride) : 0;
    for (let t = from; t < count && start + t * stride < length; t++) read[start + t * stride] = 1;
  }
  const unread = [];
  read.forEach((once, i) => once || unread.push(i));
  return unread;
}

/** How many of them lie after the end of the last window. */
export const unreadTail = (spec) =>
  Math.min(spec.length, Math.max(0, spec.length - ((outputLength(spec) - 1) * spec.stride - spec.padding + reach(spec))));

/** The length formula with its numbers. */
export function lengthFormula(spec) {
  const { length, kernel_size, stride, padding, dilation } = spec;
  const room = length + 2 * padding - reach(spec);
  return (
    `L_out = ⌊(${length} + ${padding} + ${padding} − ${dilation}·(${kernel_size} − 1) − 1) / ${stride}⌋ + 1` +
    ` = ⌊${room} / ${stride}⌋ + 1 = ${outputLength(spec)}`
  );
}

/** Why torch refuses a kernel that reads more samples than there are, in the words of conv1d_tutor.arithmetic. */
export function tooLong({ length, kernel_size, padding, dilation }) {
  const [reads, padded] = [reach({ kernel_size, dilation }), length + 2 * padding];
  return {
    found: `the kernel reads ${reads} samples, the padded input has ${padded}.`,
    rule:
      "dilation·(kernel_size − 1) + 1 must be at most length + padding on both sides, here " +
      `${dilation}·(${kernel_size} − 1) + 1 = ${reads} and ${length} + ${padding} + ${padding} = ${padded}.`,
    advice:
      `an input of at least ${reads - 2 * padding} samples, a smaller kernel_size or dilation, or more padding.`,
  };
}

/** A number of samples with the right ending. */
export const samples = (n) => (n === 1 ? "1 sample" : `${n} samples`);
