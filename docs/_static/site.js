// What a page of the site does by itself: it judges a guess where a prediction is asked, and lets wide parts be
// scrolled by key. Without scripts the answers stay folded, and open by key and click.

/** A guess as numbers, null where it is none: 5, (2, 3), [1, 2, 3], torch.Size([1, 8, 3]). */
function numbersOf(text) {
  const bare = text.replace(/torch\.Size|tensor|[()[\]]/g, " ").replaceAll("−", "-").trim();
  const parts = bare.split(/\s*[,;×\s]\s*/).filter(Boolean).map(Number);
  return parts.every(Number.isFinite) ? parts : null;
}

const flat = (value) => [value].flat(Infinity);
const alike = (one, other) =>
  one.length === other.length && one.every((number, i) => Math.abs(number - other[i]) <= 1e-6 * Math.max(1, Math.abs(other[i])));

/** What is said to a guess; `right` is null where it cannot be read. */
function judge({ answer, options, mistakes }, guess) {
  if (options.length) {
    if (!guess) return { right: null, says: "Choose one first." };
    if (guess === answer) return { right: true, says: "Right." };
    const known = mistakes.find(([wrong]) => wrong === guess);
    return { right: false, says: `Not right: ${known ? known[1] : `it is not ${guess}.`}` };
  }
  if (!guess.trim()) return { right: null, says: "Write your guess first." };
  const numbers = numbersOf(guess);
  if (!numbers) return { right: null, says: "Write a number, or numbers with commas: (2, 3)." };
  if (alike(numbers, flat(answer))) return { right: true, says: "Right." };
  const known = mistakes.find(([wrong]) => alike(numbers, flat(wrong)));
  return { right: false, says: `Not right: ${known ? known[1] : `it is not ${guess.trim()}.`}` };
}

/** Put a form in the place of the call that a notebook asks for. */
function askHere(place, i) {
  const question = JSON.parse(place.dataset.prediction);
  const form = Object.assign(document.createElement("form"), { className: "guess" });
  if (question.options.length) {
    const group = form.appendChild(document.createElement("fieldset"));
    group.append(Object.assign(document.createElement("legend"), { textContent: "Your guess:" }));
    for (const option of question.options) {
      const label = group.appendChild(document.createElement("label"));
      label.append(Object.assign(document.createElement("input"), { type: "radio", name: `guess-${i}`, value: option }), option);
    }
  } else {
    const label = form.appendChild(Object.assign(document.createElement("label"), { textContent: "Your guess: " }));
    label.append(Object.assign(document.createElement("input"), { type: "text", name: `guess-${i}`, autocomplete: "off", size: 14 }));
  }
  form.append(Object.assign(document.createElement("button"), { type: "submit", textContent: "Compare" }));
  const said = form.appendChild(document.createElement("output"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { right, says } = judge(question, new FormData(form).get(`guess-${i}`) ?? "");
    said.textContent = says;
    if (right) place.querySelector("details").open = true;
  });
  const [, how] = place.querySelectorAll("p");
  how.replaceWith(form);
}

/** Code that is wider than its place can be scrolled by key, too. */
function reachable() {
  for (const part of document.querySelectorAll("article pre, article .output, article .table-wrapper"))
    part.scrollWidth > part.clientWidth ? part.setAttribute("tabindex", "0") : part.removeAttribute("tabindex");
}

/** The theme opens the drawers of a narrow page by labels, which no key reaches: buttons do it here, and Escape closes. */
function drawersByKey() {
  for (const label of document.querySelectorAll("label:is(.nav-overlay-icon, .toc-overlay-icon)")) {
    const drawer = document.getElementById(label.htmlFor);
    const button = Object.assign(document.createElement("button"), { className: label.className, ariaLabel: drawer.ariaLabel });
    button.append(...label.childNodes);
    label.replaceWith(button);
    const show = (open) => {
      drawer.checked = open;
      button.ariaExpanded = String(open);
    };
    show(drawer.checked);
    button.addEventListener("click", () => show(!drawer.checked));
    drawer.addEventListener("change", () => show(drawer.checked)); // a click beside it has closed it
    addEventListener("keydown", ({ key }) => {
      if (key !== "Escape" || button.ariaExpanded === "false") return;
      show(false);
      button.focus();
    });
  }
}

if (typeof document !== "undefined") {
  document.querySelectorAll(".prediction").forEach(askHere);
  drawersByKey();
  reachable();
  addEventListener("resize", reachable);
}
if (typeof module !== "undefined") module.exports = { judge };
