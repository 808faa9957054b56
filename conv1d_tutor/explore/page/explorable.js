// What all explorables share: controls, picture, sentence, Reset. `render` is called in a notebook's cell (anywidget)
// and in a plain page (static.js), with a model that holds the value of each control by name, and under "_page" what
// does not change: {kind, controls, data, sliders}.
//
// An explorable (`kind`) is an object of pure functions, all of which take one object and read of it what they need:
//   title                               what the picture is, for those who cannot see it
//   prepare(data)                       optional: what is computed once, handed on as data
//   settle({state, data, changed})      optional: {values, most}: values that follow from others, and upper bounds;
//                                       `changed` is the set of moved names
//   scene({state, data})                what there is to see, in numbers: `seen`; or {refusal: {found, rule, advice}}
//   sentence({state, data, seen})       the same in words
//   picture({state, data, seen, most, width})  {shapes, height}: the picture, `width` pixels wide; most: largest values

import { drawingIn } from "./shapes.js";

/** What is shown for these values: pure, for the page and for the tests. */
export function show(kind, { controls, data }, values, changed = new Set()) {
  const most = Object.fromEntries(controls.map(({ name, most }) => [name, most]));
  const within = (state) =>
    Object.fromEntries(
      controls.map(({ name, least }) => [
        name,
        typeof state[name] === "number" && most[name] !== undefined
          ? Math.min(Math.max(state[name], least), most[name])
          : state[name],
      ]),
    );
  let state = within(values);
  const settled = kind.settle?.({ state, data, changed }) ?? {};
  Object.assign(most, settled.most);
  state = within({ ...state, ...settled.values });
  const seen = kind.scene({ state, data });
  const { refusal } = seen;
  const sentence = refusal
    ? `${refusal.nothing ?? "No output"}: ${refusal.found}`
    : kind.sentence({ state, data, seen });
  return { state, seen, sentence, most };
}

/** The data as the functions read them: packed arrays as nested ones, and what is computed once. */
export function prepared(kind, given) {
  const data = unpacked(given);
  return kind.prepare?.(data) ?? data;
}

const NUMBERS = { float32: Float32Array, float64: Float64Array };

/** Turn {shape, dtype, base64}, as base.py packs an array, into nested arrays, wherever it stands. */
function unpacked(value) {
  if (Array.isArray(value)) return value.map(unpacked);
  if (value === null || typeof value !== "object") return value;
  if (!("base64" in value)) return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unpacked(entry)]));
  const text = atob(value.base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i); // 20 times as fast as Uint8Array.from
  const nested = (numbers, [size, ...inner]) => {
    if (!inner.length) return Array.from(numbers);
    const step = numbers.length / size;
    return Array.from({ length: size }, (_, i) => nested(numbers.subarray(i * step, (i + 1) * step), inner));
  };
  return nested(new NUMBERS[value.dtype](bytes.buffer), value.shape);
}

/** Draw an explorable into `el` and keep it in step with `model`. Returns what lets go of both. */
export function render(kind, model, el) {
  const { controls, data: given, sliders } = model.get("_page");
  const page = { controls, data: prepared(kind, given) };
  const drawnAtMost = Object.fromEntries(controls.map(({ name, most }) => [name, most]));
  const id = `conv1d-${Math.random().toString(36).slice(2)}`; // each widget loads this module anew: no counter here
  el.classList.add("conv1d");
  el.innerHTML = `
    <div class="controls">
      ${controls.filter(({ kind }) => sliders || kind !== "slider").map((control) => markup(control, id)).join("")}
      <button type="button" class="reset" ${OURS} title="Back to the values this began with">Reset</button>
    </div>
    <div class="stage">
      <svg role="img" aria-label="${escape(kind.title)}" aria-describedby="${id}">
        <defs>
          <pattern id="${id}-padding" class="padding" width="7" height="7" patternUnits="userSpaceOnUse"><path d="M0 7L7 0"/></pattern>
          <pattern id="${id}-unread" class="unread" width="7" height="7" patternUnits="userSpaceOnUse"><path d="M0 7L7 0M0 0L7 7"/></pattern>
        </defs>
        <g style="--padding-hatch: url(#${id}-padding); --unread-hatch: url(#${id}-unread)"></g>
      </svg>
      <div class="veil" hidden></div>
    </div>
    <p class="sentence" id="${id}" aria-live="polite"></p>`;
  const [svg, veil, words, stage] = ["svg", ".veil", ".sentence", ".stage"].map((part) => el.querySelector(part));
  const drawShapes = drawingIn(el.querySelector("g"));
  const followers = controls.map((control) => followerOf(el, control));
  const changed = new Set();
  let [wanted, frame, width, settling] = [false, 0, 0, false];

  function draw() {
    wanted = false;
    const values = Object.fromEntries(controls.map(({ name }) => [name, model.get(name)]));
    const { state, seen, sentence, most } = show(kind, page, values, changed);
    changed.clear();
    settling = true;
    for (const { name } of controls) if (String(state[name]) !== String(values[name])) model.set(name, state[name]);
    settling = false;
    requestAnimationFrame(() => setTimeout(() => model.save_changes())); // Python hears of it when the frame is painted
    controls.forEach(({ name }, i) => followers[i](state[name], most[name]));
    if (words.textContent !== sentence) words.textContent = sentence;
    veil.hidden = !seen.refusal;
    if (seen.refusal) {
      const { rule, advice } = seen.refusal; // the last picture stays, under the rule
      const said = [sentence, `The rule: ${rule}`, `Try: ${advice}`];
      veil.replaceChildren(...said.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    } else if (width) {
      const picture = kind.picture({ state, data: page.data, seen, most: drawnAtMost, width });
      const box = `0 0 ${width} ${picture.height}`;
      if (svg.getAttribute("viewBox") !== box) {
        svg.setAttribute("viewBox", box);
        stage.style.height = `${picture.height}px`;
      }
      drawShapes(picture.shapes);
    }
  }

  // A move is drawn at once, once for all values that change together, and not first when its frame is due: then only
  // paint is left to do. Moves that come faster than frames are drawn once a frame.
  function ask() {
    if (!wanted && !frame) queueMicrotask(drawEarly);
    wanted = true;
  }
  function drawEarly() {
    if (!wanted || frame < 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      drawEarly();
    });
    draw();
  }
  const listeners = controls.map(({ name }) => [`change:${name}`, () => settling || (changed.add(name), ask())]);
  for (const [event, listener] of listeners) model.on(event, listener);

  const watching = new ResizeObserver(() => {
    const now = Math.floor(stage.clientWidth);
    if (now && now !== width) {
      width = now;
      if (!wanted) draw();
    }
  });
  watching.observe(stage);

  /** Python hears of it in `draw`, together with what follows from it: one message a move. */
  function set(values) {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
  }
  const playing = listen(el, controls, model, set);
  el.querySelector(".reset").addEventListener("click", () => {
    set(Object.fromEntries(controls.map(({ name, first }) => [name, first])));
    changed.clear(); // the first values fit together: none of them follows from another
  });
  el.addEventListener("keydown", keepKeys);
  // Ctrl + S and its kind are the notebook's: it is asked before any element is, so the mark must be off by then.
  const release = (event) => el.contains(event.target) && event.target.toggleAttribute(OURS, !isShortcut(event));
  addEventListener("keydown", release, true);
  draw();
  return () => {
    cancelAnimationFrame(frame);
    frame = -1; // nothing is drawn from now on
    watching.disconnect();
    playing.stop();
    removeEventListener("keydown", release, true);
    for (const [event, listener] of listeners) model.off(event, listener);
  };
}

// A notebook takes arrow keys for moves between cells, and d d for a deletion. JupyterLab and Notebook 7 leave the
// keys alone where the focused element itself bears this attribute; others look at what bubbles up to them.
const OURS = "data-lm-suppress-shortcuts";

const isShortcut = ({ key, ctrlKey, metaKey, altKey }) =>
  ctrlKey || metaKey || altKey || key === "Escape" || key === "Tab";

/** Keep plain keys from the notebook around us. */
const keepKeys = (event) => isShortcut(event) || event.stopPropagation();

/** Text for the page: whatever a learner passes stays text. */
const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** The controls as HTML, by what they are. */
const MARKUP = {
  slider: ({ name, label, least, most, step, first, plays }) => `
    <div class="control"><label><span>${escape(label)}</span>
      <input type="range" ${OURS} name="${escape(name)}" min="${least}" max="${most}" step="${step}" value="${first}">
      <output>${shownNumber(first, step)}</output></label>
      ${plays ? `<button type="button" class="play" ${OURS} data-plays="${escape(name)}" aria-pressed="false" aria-label="Play ${escape(label)}">▶</button>` : ""}
    </div>`,
  number: ({ name, label, least, most, first }) => `
    <div class="control"><label><span>${escape(label)}</span>
      <input type="number" ${OURS} name="${escape(name)}" min="${least}" max="${most}" step="1" value="${first}" inputmode="numeric"></label></div>`,
  shape: ({ name, label, first }) => `
    <div class="control"><label><span>${escape(label)}</span>
      <input type="text" ${OURS} name="${escape(name)}" value="(${first.join(", ")})" inputmode="numeric" autocomplete="off" spellcheck="false"></label></div>`,
  switch: ({ name, label }) => `
    <div class="control"><label><input type="checkbox" ${OURS} name="${escape(name)}"><span>${escape(label)}</span></label></div>`,
  choice: ({ name, label, options }, id) =>
    options.length < 2
      ? ""
      : `<fieldset class="choice"><legend>${escape(label)}</legend>${options
          .map((option, i) => `<label><input type="radio" ${OURS} name="${id}-${escape(name)}" data-name="${escape(name)}" value="${i}"><span>${escape(option)}</span></label>`)
          .join("")}</fieldset>`,
};
const markup = (control, id) => MARKUP[control.kind](control, id);

/** A slider's value in as many decimals as its step has. */
const shownNumber = (value, step) => value.toFixed((String(step).split(".")[1] ?? "").length).replace("-", "−");

/** A shape as people type it: (239, 5, 49), [5, 49], 239 x 5 x 49; null where it is none. */
export function shapeOf(text) {
  const sizes = text.replace(/torch\.Size|[()[\]]/g, " ").trim().split(/\s*[,;x×\s]\s*/).filter(Boolean);
  const whole = sizes.every((size) => /^\d{1,9}$/.test(size));
  return whole && (sizes.length === 2 || sizes.length === 3) ? sizes.map(Number) : null;
}

/** What shows in a control the value that it has now. What is so already is left alone: the page lays out less. */
function followerOf(el, { name, kind, step, options }) {
  if (kind === "choice") {
    const inputs = [...el.querySelectorAll(`input[data-name="${name}"]`)];
    return (value) => inputs.forEach((input) => (input.checked = options[input.value] === value));
  }
  const input = el.querySelector(`input[name="${name}"]`);
  if (!input) return () => {}; // a slider of ipywidgets stands for it
  if (kind === "switch") return (value) => (input.checked = value);
  if (kind === "slider") {
    const output = input.nextElementSibling;
    return (value, most) => {
      if (input.max !== String(most)) input.max = most; // before the value, which must find room
      if (input.value !== String(value)) input.value = value;
      const text = shownNumber(value, step);
      if (output.value !== text) output.value = text;
    };
  }
  return (value) => {
    if (!input.matches(":focus")) input.value = kind === "shape" ? `(${value.join(", ")})` : value;
  };
}

/** Pass on to the model what is done with the controls. */
function listen(el, controls, model, set) {
  const of = (name) => controls.find((control) => control.name === name);
  el.addEventListener("input", ({ target }) => {
    const name = target.dataset.name ?? target.name;
    const { kind, options } = of(name);
    if (kind === "choice") set({ [name]: options[target.value] });
    else if (kind === "switch") set({ [name]: target.checked });
    else if (kind === "shape") {
      const shape = shapeOf(target.value);
      target.setAttribute("aria-invalid", shape === null);
      target.setCustomValidity(shape ? "" : "A shape is two or three whole numbers, such as (239, 5, 49).");
      if (shape) set({ [name]: shape });
    } else if (Number.isFinite(target.valueAsNumber)) set({ [name]: target.valueAsNumber });
  });
  el.addEventListener("change", ({ target }) => {
    if (target.type === "number" || target.type === "text") target.reportValidity?.();
    if (target.type === "number") target.value = model.get(target.name); // what was typed may have been out of range
  });
  let clock = 0;
  const button = el.querySelector(".play");
  const playing = {
    stop() {
      clearInterval(clock);
      clock = 0;
      button?.setAttribute("aria-pressed", "false");
      button?.replaceChildren("▶");
    },
  };
  button?.addEventListener("click", () => {
    if (clock) return playing.stop();
    const name = button.dataset.plays;
    const last = () => Number(el.querySelector(`input[name="${name}"]`)?.max ?? of(name).most);
    if (model.get(name) >= last()) set({ [name]: of(name).least });
    button.setAttribute("aria-pressed", "true");
    button.replaceChildren("❚❚");
    clock = setInterval(() => {
      if (model.get(name) < last()) set({ [name]: model.get(name) + 1 });
      if (model.get(name) >= last()) playing.stop();
    }, 600);
  });
  return playing;
}

/** What anywidget asks a module for. */
export const widget = (kind) => ({ render: ({ model, el }) => render(kind, model, el) });
