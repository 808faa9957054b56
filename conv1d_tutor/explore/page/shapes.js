// Shapes as data, in pixels of the page, and how they become elements of an SVG. A picture is a list of shapes, in lists
// of lists as it comes. The first argument of a shape is its class: what it means (input, window, output, …), from which
// CSS makes colours. Many boxes, lines or marks of one kind are one path, and all labels of one kind are one text, above
// all paths: few elements to lay out in a move.

/** Shapes become elements of a group, again and again; returns what draws a picture. */
export function drawingIn(group) {
  const drawn = { path: [], text: [] }; // what each element shows, with the element, in the order of the group
  return (picture) => {
    const shapes = picture.flat(Infinity);
    const texts = new Map();
    for (const { kind, text, x, y } of shapes)
      if (text !== undefined) (texts.get(kind) ?? texts.set(kind, []).get(kind)).push({ text, x, y });
    const wanted = { path: shapes.filter(({ text }) => text === undefined) };
    wanted.text = Array.from(texts, ([kind, labels]) => ({ kind, labels }));
    for (const name of ["path", "text"]) drawn[name] = matched(name, wanted[name], drawn[name], group.namespaceURI);
    let place = group.firstChild;
    for (const [, element] of [...drawn.path, ...drawn.text])
      element === place ? (place = place.nextSibling) : group.insertBefore(element, place);
  };
}

/** Give each shape an element of its class that was there before, or a new one; what is left goes. */
function matched(name, shapes, drawn, namespace) {
  const free = new Map();
  for (const each of drawn) free.get(each[0].kind)?.push(each) ?? free.set(each[0].kind, [each]);
  const now = shapes.map((shape) => {
    const [before, element] = free.get(shape.kind)?.shift() ?? [{ kind: shape.kind }, made(name, namespace, shape.kind)];
    if (name === "text") write(element, shape.labels, before.labels ?? []);
    else if (shape.d !== before.d) element.setAttribute("d", shape.d);
    return [shape, element];
  });
  for (const left of free.values()) for (const [, element] of left) element.remove();
  return now;
}

/** Write labels into one text, each a part of it with a place of its own; what is so already is left alone. */
function write(text, labels, before) {
  labels.forEach((label, i) => {
    const was = before[i] ?? {};
    const part = text.childNodes[i] ?? text.appendChild(made("tspan", text.namespaceURI));
    for (const name of ["x", "y"]) if (label[name] !== was[name]) part.setAttribute(name, label[name]);
    if (label.text !== was.text) part.firstChild.data = label.text; // never read as markup, whatever a learner passes
  });
  while (text.childNodes.length > labels.length) text.lastChild.remove();
}

function made(name, namespace, kind) {
  const element = document.createElementNS(namespace, name);
  if (name === "tspan") element.append("");
  else element.setAttribute("class", kind);
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
