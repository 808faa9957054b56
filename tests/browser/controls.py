"""Every control of an explorable, moved as a person would, by key, click or touch."""

from collections.abc import Iterator

from playwright.sync_api import Locator, Page, expect

#: What an explorable shows now, in one text.
SHOWN = """
e => e.querySelector('.stage g').innerHTML + ['.veil', '.sentence'].map(part => e.querySelector(part).textContent)
"""
#: Texts of the picture that lie over each other or beyond its edge.
CLASHES = """
e => {
  const found = [], svg = e.querySelector('.stage svg'), edge = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('tspan')].map(text => [text.textContent, text.getBoundingClientRect()]);
  texts.forEach(([words, box], i) => {
    if (box.left < edge.left - 1 || box.right > edge.right + 1 ||
        box.top < edge.top - 1 || box.bottom > edge.bottom + 1)
      found.push(`${words} is cut off`);
    for (const [others, other] of texts.slice(i + 1))
      if (Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1 &&
          Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > 2)
        found.push(`${words} lies over ${others}`);
  });
  return found;
}
"""
#: Keep each sentence from now on.
KEEP = """
e => {
  window.saying?.disconnect();
  window.said = [];
  window.saying = new MutationObserver(() => said.push(e.textContent));
  saying.observe(e, {subtree: true, childList: true, characterData: true});
}
"""


def keep_what_is_said(sentence: Locator) -> None:
    """Keep each sentence from now on: who looks now and then misses some on a slow machine."""
    sentence.evaluate(KEEP)


def first_said(page: Page, count: int) -> list[str]:
    """Wait for so many sentences, and return what each says before its colon."""
    page.wait_for_function("count => said.length >= count", arg=count)
    return [sentence.partition(":")[0] for sentence in page.evaluate("count => said.slice(0, count)", count)]


def moves(shown: Locator) -> Iterator[tuple[str, Locator, list[str]]]:
    """Each control: its name, where it is, and the keys that move it, of which one must change the picture."""
    for control in shown.locator("input:not([type=radio])").all():
        kind = control.get_attribute("type")
        keys = {"range": ["ArrowRight", "ArrowLeft"], "number": ["ArrowUp", "ArrowDown"], "checkbox": ["Space"]}
        if kind in keys:
            yield control.get_attribute("name"), control, keys[kind]
    for group in shown.locator("fieldset").all():
        yield group.locator("legend").text_content(), group.locator("input:checked, input").first, ["ArrowRight"]


def changed(page: Page, shown: Locator, before: str, timeout: int = 3000) -> bool:
    """Wait until an explorable shows something else; whether it did."""
    for _ in range(timeout // 50):
        if shown.evaluate(SHOWN) != before:
            return True
        page.wait_for_timeout(50)
    return False


def move_every_control(page: Page, shown: Locator) -> int:
    """Move every control of an explorable by key; the picture or the words must follow.

    Returns:
        How many controls there are.
    """
    expect(shown.locator(".sentence")).not_to_be_empty(timeout=30_000)
    count = 0
    for name, control, keys in list(moves(shown)):
        shown.get_by_role("button", name="Reset").press("Enter")  # a state that torch refuses hides the next move
        page.wait_for_timeout(100)
        before = shown.evaluate(SHOWN)
        for key in keys:
            control.focus()
            page.keyboard.press(key)
            if changed(page, shown, before, 1500):
                break
        else:
            raise AssertionError(f"moving {name} changed nothing: {shown.locator('.sentence').text_content()}")
        count += 1
    return count
