// Brings the explorables of a page to life where no kernel runs: each is a <div class="conv1d-static"> with what it
// shows as JSON in data-explorable, and its still picture inside, which stays where scripts do not run. A link such as
// #ConvArithmetic?length=13&stride=3 sets the values of the first explorable of that kind.

import { render, shapeOf } from "./explorable.js";

/** As much of a notebook's model as render needs. */
function modelOf(values) {
  const events = new EventTarget();
  return {
    get: (name) => values[name],
    set(name, value) {
      if (values[name] === value) return;
      values[name] = value;
      events.dispatchEvent(new Event(`change:${name}`));
    },
    save_changes() {},
    on: (name, listener) => events.addEventListener(name, listener),
    off: (name, listener) => events.removeEventListener(name, listener),
  };
}

/** A value of a link as the control has it; undefined where it is none. */
const READ = {
  slider: (text) => (text.trim() && Number.isFinite(Number(text)) ? Number(text) : undefined),
  number: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  switch: (text) => ({ true: true, false: false })[text.toLowerCase()],
  shape: (text) => shapeOf(text) ?? undefined,
  choice: (text, { options }) => (options.includes(text) ? text : undefined),
};

/** Set what the address of the page says behind its #, if it names one of these explorables. */
function followLink(models) {
  const [name, query] = location.hash.slice(1).split("?");
  if (!query || !models[name]) return;
  const { controls } = models[name].get("_page");
  for (const [key, text] of new URLSearchParams(query)) {
    const control = controls.find((control) => control.name === key);
    const value = control && READ[control.kind](text, control);
    if (value !== undefined) models[name].set(key, value);
  }
}

/** A link that brings the present values back, beside the controls of the first explorable of its kind. */
function addLink(model, place) {
  const { kind, controls } = model.get("_page");
  const link = Object.assign(document.createElement("a"), { textContent: "Link to this" });
  const renew = () => {
    const query = new URLSearchParams();
    for (const { name, kind } of controls) {
      const value = model.get(name);
      if (value !== null) query.set(name, kind === "shape" ? `(${value.join(", ")})` : value);
    }
    link.href = `#${kind}?${query}`;
  };
  for (const { name } of controls) model.on(`change:${name}`, renew);
  renew();
  place.querySelector(".controls").append(link);
}

/** Make every explorable of this page live. */
export function bringToLife(kinds) {
  const models = {};
  for (const place of document.querySelectorAll(".conv1d-static")) {
    const { kind, controls, values, data } = JSON.parse(place.dataset.explorable);
    const model = modelOf({ ...values, _page: { kind, controls, data, sliders: true } });
    place.replaceChildren();
    render(kinds[kind], model, place);
    if (!models[kind]) addLink((models[kind] = model), place);
  }
  addEventListener("hashchange", () => followLink(models));
  followLink(models);
}
