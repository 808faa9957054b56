// Which page explains a pasted error? Numbers, names and paths differ from one error to the next; the words of torch
// do not. messages.js, written with the site, has the wordings of each page. A wording fits as far as its words, and
// its pairs of neighbours, stand in what was pasted; a rare word says more than a frequent one. Sphinx's own search
// finds all else.

/** The part of a pasted text that says what went wrong: from the last "…Error:" on, if it has one. */
function essence(text) {
  const found = [...text.matchAll(/(?:^|[\s.])\w*(?:Error|Exception|Warning)(?:\(s\))?:\s/g)].filter(
    ({ index }) => !/Error\(s\)/.test(text.slice(index, index + 12)),
  );
  const last = found.at(-1);
  return (last ? text.slice(last.index + last[0].length) : text).trim().slice(0, 1500);
}

/** Words without numbers, and each two neighbours. */
function termsOf(text) {
  const words = text.toLowerCase().replace(/[‘’`"]/g, "'").match(/[\p{L}_]{2,}/gu) ?? [];
  return new Set([...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)]);
}

/** How much a term says: more if few pages have it. */
function weights(pages) {
  const count = new Map();
  for (const page of pages)
    for (const term of new Set(page.wordings.flatMap((wording) => [...termsOf(wording)])))
      count.set(term, (count.get(term) ?? 0) + 1);
  return (term) => Math.log((pages.length + 1) / (count.get(term) ?? pages.length));
}

/** The pages that fit a pasted text, best first. */
function hits(text, pages, most = 3) {
  const asked = termsOf(essence(text));
  const weigh = weights(pages);
  const sum = (terms) => [...terms].reduce((total, term) => total + weigh(term), 0);
  const scored = [];
  for (const page of pages) {
    let best = 0;
    for (const wording of page.wordings) {
      const terms = termsOf(wording);
      const shared = [...terms].filter((term) => asked.has(term));
      const whole = sum(terms);
      const share = whole ? sum(shared) / whole : 0;
      if (share >= 0.4 && shared.length >= 3) best = Math.max(best, sum(shared) * share);
    }
    // The page of the message leads to its causes, so it stands before them.
    if (best) scored.push({ ...page, score: page.of_torch ? 1.5 * best : best });
  }
  return scored.sort((one, other) => other.score - one.score).slice(0, most);
}

/** Show them above what Sphinx finds. */
function show(query, pages) {
  const place = document.querySelector("#messages");
  const found = hits(query, pages);
  if (found.length) {
    const list = Object.assign(document.createElement("ol"), { className: "hits" });
    for (const { url, title, says } of found) {
      const item = list.appendChild(document.createElement("li"));
      item.append(Object.assign(document.createElement("a"), { href: url, textContent: title }));
      if (says) item.append(Object.assign(document.createElement("p"), { textContent: says }));
    }
    place.replaceChildren(Object.assign(document.createElement("h2"), { textContent: "Messages that fit" }), list);
  }
  return found.length;
}

if (typeof document !== "undefined") {
  // A whole traceback does not fit into an address; what matters of it does.
  for (const form of document.querySelectorAll("form[role=search]"))
    form.addEventListener("submit", () => (form.elements.q.value = essence(form.elements.q.value)));
  const asking = document.querySelector("textarea[name=q]");
  asking?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    asking.form.requestSubmit();
  });
  const query = new URLSearchParams(location.search).get("q");
  if (query && document.querySelector("#messages")) {
    if (asking) asking.value = query;
    const found = show(query, PAGES);
    const nothing = found
      ? "No other page has all of these words."
      : "Nothing here has these words. Paste the last line of the error, or try one word of it.";
    // The sentence that Sphinx would say, in its own way of translating.
    Documentation.addTranslations({
      messages: {
        "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.": nothing,
        "Search Results": found ? "Elsewhere on this site" : "Pages with these words",
      },
      plural_expr: "n != 1",
      locale: "en",
    });
  }
}
if (typeof module !== "undefined") module.exports = { essence, hits };
