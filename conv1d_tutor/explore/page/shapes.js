// Shapes as data, in pixels of the page, and how they become elements of an SVG. A picture is a list of shapes, in lists
// of lists as it comes. The first argument of a shape is its class: what it means (input, window, output, …), from which
// CSS makes colours. Many boxes, lines or marks of one kind are one path: few elements to lay out in a move.

/** Shapes become elements of a group, again and again; returns what draws a picture. */
export function drawingIn(group) {
  let drawn = []; // [shape, element] of the last picture
  return (picture) => {
    // To lay out a text is what costs most of a move. Whatever is where it was keeps its element, and so does, after
    // that, whatever says the same elsewhere.
    const shapes = picture.flat(Infinity), elements = new Array(shapes.length);
    let left = drawn;
    for (const nameOf of [(shape) => `${shape.x} ${shape.y} ${sayingOf(shape)}`, sayingOf]) {
      const free = new Map();
      for (const each of left) free.get(nameOf(each[0]))?.push(each) ?? free.set(nameOf(each[0]), [each]);
      shapes.forEach((shape, i) => {
        const [before, element] = (!elements[i] && free.get(nameOf(shape))?.shift()) || [];
        if (!element) return;
        for (const name of ["d", "x", "y"]) if (shape[name] !== before[name]) element.setAttribute(name, shape[name]);
        elements[i] = element;
      });
      left = [...free.values()].flat();
    }
    for (const [, element] of left) element.remove();
    let place = group.firstChild;
    drawn = shapes.map((shape, i) => {
      const element = elements[i] ?? made(shape, group.namespaceURI);
      element === place ? (place = place.nextSibling) : group.insertBefore(element, place);
      return [shape, element];
    });
  };
}

const sayingOf = ({ kind, text }) => (text === undefined ? kind : `${kind}: ${text}`);

/** A new element, which is nowhere yet. */
function made({ kind, text, ...places }, namespace) {
  const element = document.createElementNS(namespace, text === undefined ? "path" : "text");
  element.setAttribute("class", kind);
  if (text !== undefined) element.textContent = text; // never read as markup, whatever a learner passes
  for (const [name, value] of Object.entries(places)) element.setAttribute(name, value);
  return element;
}

/** Round to a hundredth of a pixel: enough for the eye, short in the page. */
const px = (value) => Math.round(value * 100) / 100;

const path = (kind, parts) => ({ kind, d: parts.join("") });

/** Boxes [x, y, width, height]. */
export const boxes = (kind, list) =>
  path(kind, list.map(([x, y, w, h]) => `M${px(x)} ${px(y)}h${px(w)}v${px(h)}h${px(-w)}z`));

/** Lines [x1, y1, x2, y2]. */
export const lines = (kind, list) =>
  path(kind, list.map(([a, b, c, d]) => `M${px(a)} ${px(b)}L${px(c)} ${px(d)}`));

/** One line through points [x, y]. */
export const curve = (kind, points) =>
  path(`${kind} curve`, points.map(([x, y], i) => `${i ? "L" : "M"}${px(x)} ${px(y)}`));

// Markers by what they stand for, as plotting/style.py has them: round, square, diamond or cross.
const MARKS = {
  round: (x, y, r) => `M${px(x - r)} ${px(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  square: (x, y, r) => `M${px(x - r)} ${px(y - r)}h${2 * r}v${2 * r}h${-2 * r}z`,
  diamond: (x, y, r) => `M${px(x - r)} ${px(y)}l${r} ${-r}l${r} ${r}l${-r} ${r}z`,
  cross: (x, y, r) => `M${px(x - r)} ${px(y - r)}l${2 * r} ${2 * r}m0 ${-2 * r}l${-2 * r} ${2 * r}`,
};
const MARK_OF = { input: "round", window: "round", kernel: "diamond", output: "square", padding: "round", unread: "cross" };

/** Markers of a role at points [x, y], `r` pixels from middle to edge. */
export const marks = (role, points, r = 3.5) =>
  path(`${role} mark`, points.map(([x, y]) => MARKS[MARK_OF[role]](x, y, r)));

/** Values as thin lines from `zero` with a marker on top; points are [x, y] in pixels. */
export const stems = (role, points, zero, r) => [
  lines(`${role} stem`, points.map(([x, y]) => [x, zero, x, y])),
  marks(role, points, r),
];

/** A text; `kind` may hold "middle" or "end", which of its ends stands at x, and "small" or "strong". */
export const label = (kind, x, y, text) => ({ kind, x: px(x), y: px(y), text: String(text) });

/** About how wide a text is, in pixels: for choosing what has room. */
export const widthOf = (text, size = 13) => String(text).length * size * 0.56;

/** A text cut to `room` pixels. */
export function fitted(text, room, size = 13) {
  const most = Math.max(1, Math.floor(room / (size * 0.56)));
  return String(text).length <= most ? String(text) : `${String(text).slice(0, Math.max(1, most - 1))}…`;
}

/** Ticks between two numbers in steps of 1, 2, 5, 10, … times `unit`, at most so many. */
export function ticks(least, most, count, unit = 1) {
  if (!(most > least)) return [least];
  let step = unit;
  const factors = [2, 2.5, 2];
  for (let i = 0; (most - least) / step + 1 > count; i++) step *= factors[i % 3];
  const first = Math.ceil(least / step - 1e-9);
  const after = Math.floor(most / step + 1e-9);
  return Array.from({ length: after - first + 1 }, (_, i) => (first + i) * step);
}

/** Ticks of an axis of values, where steps may be below 1. */
export const valueTicks = (low, high, count) =>
  ticks(low, high, count, 10 ** Math.floor(Math.log10((high - low) / count || 1)));

/** A field [x, y, width, height] with a scale: `at` turns numbers [across, up] into pixels. */
export function field([x, y, width, height], [left, right], [low, high]) {
  const across = (value) => x + ((value - left) / (right - left || 1)) * width;
  const up = (value) => y + height - ((value - low) / (high - low || 1)) * height;
  return { x, y, width, height, across, up, at: ([a, b]) => [across(a), up(b)], low, high, left, right };
}

/** Room for values and their markers: the limits, a little wider. */
export function roomy([low, high], share = 0.12) {
  const margin = share * Math.max(high - low, 1e-9);
  return [low - margin, high + margin];
}

/** The numbers of a time axis below a field, in whole steps, as many as have room. */
export function timeAxis(f, { first = Math.ceil(f.left), last = Math.floor(f.right), y = f.y + f.height } = {}) {
  const places = ticks(first, last, Math.max(2, Math.floor(f.width / Math.max(34, widthOf(last) + 16))));
  return [
    lines("axis", places.map((step) => [f.across(step), y, f.across(step), y + 4])),
    places.map((step) => label("middle small", f.across(step), y + 14, String(step).replace("-", "−"))),
  ];
}

/** What each mark means, in rows: entries [what it looks like as (x, y) → shapes, text]. Returns the shapes, and how high they are. */
export function legend(entries, width, y = 10) {
  let x = 0;
  const shapes = [];
  const first = y;
  for (const [mark, text] of entries) {
    const wide = 30 + widthOf(text) + 18;
    if (x && x + wide > width) [x, y] = [0, y + 20];
    shapes.push(mark(x + 13, y), label("", x + 30, y, text));
    x += wide;
  }
  return { shapes, height: y - first + 20 };
}

/** For a legend: a small box, or a small marker, of a role. */
export const boxSign = (role) => (x, y) => boxes(role, [[x - 10, y - 6, 20, 12]]);
export const markSign = (role) => (x, y) => marks(role, [[x, y]]);
