"""How do words for the learner look? As text in a console, beside a quiet coloured bar in a notebook."""

import html
import re
from dataclasses import dataclass

#: The colour of the bar by what is said: JupyterLab's own, which follow its theme, and one for other pages.
COLOURS = {
    "right": "var(--jp-success-color1, #388e3c)",
    "not yet": "var(--jp-warn-color1, #f57c00)",
    "not answered": "var(--jp-border-color1, #9e9e9e)",
    "unknown exercise": "var(--jp-warn-color1, #f57c00)",
    "hint": "var(--jp-info-color1, #0097a7)",
}
PRE = "margin: 0.3em 0 0; color: inherit; background: none; white-space: pre-wrap"


@dataclass(frozen=True, repr=False)
class Words:
    """Something said to the learner.

    Args:
        opening: the first words, which stand out: "Right", "Not yet".
        rest: what follows them, with its punctuation; lines after the first are details.
        status: one of `COLOURS`.

    Example:
        >>> Words("Right", ", because a kernel of 3 fits.", "right")
        Right, because a kernel of 3 fits.
    """

    opening: str
    rest: str
    status: str

    def __repr__(self) -> str:
        """Show the words."""
        return self.opening + self.rest

    def _repr_html_(self) -> str:
        """Show the words beside a bar; everything is escaped."""
        first, _, details = self.rest.partition("\n")
        style = f"border-left: 4px solid {COLOURS[self.status]}; padding: 0.2em 0.8em; color: inherit"
        more = f'<pre style="{PRE}">{in_line(details)}</pre>' if details else ""
        return f'<div style="{style}"><strong>{html.escape(self.opening)}</strong>{in_line(first)}{more}</div>'


@dataclass(frozen=True, repr=False)
class Verdict(Words):
    """What `check` says to an answer.

    Args:
        exercise: the id of the exercise; None where there is no such one.
        message: what is said beyond "Right" or "Not yet".

    Attributes:
        status: "right", "not yet", "not answered" or "unknown exercise".
        passed: whether the answer is right.
    """

    exercise: str | None = None
    message: str = ""

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"


@dataclass(frozen=True, repr=False)
class Solution:
    """One solution, shown as code in the colours of the notebook's own theme.

    Args:
        id: the exercise.
        source: the code.
        gives: the value it gives; empty for a function to be written.
        because: why it is right.
    """

    id: str
    source: str
    gives: str
    because: str

    def _sentences(self) -> str:
        why = f"Because {self.because}"
        return f"It gives {self.gives}. {why}" if self.gives else why

    def __repr__(self) -> str:
        """Show the code, its value and the reason."""
        return f"One solution of {self.id}:\n\n{self.source}\n\n{self._sentences()}"

    # Markdown and not HTML: JupyterLab, VS Code and nbconvert colour the code themselves, light or dark.
    def _repr_markdown_(self) -> str:
        """Show the same with the code highlighted."""
        return f"**One solution of {self.id}**\n\n```python\n{self.source}\n```\n\n{self._sentences()}"


def in_line(text: str) -> str:
    """Write a text as HTML: escaped, and with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
