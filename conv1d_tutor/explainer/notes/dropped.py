"""Does chance still rule in eval mode?"""

from collections.abc import Iterator

from ..note import Ran, at_line, note


@note("output")
def dropout_in_eval(ran: Ran) -> Iterator[str]:
    """A dropout that is called as a function drops values in eval mode too.

    Example:
        >>> class Dropping(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.fc = nn.Conv1d(4, 8, 3), nn.Linear(8, 2)
        ...
        ...     def forward(self, x):
        ...         return self.fc(nn.functional.dropout(self.conv(x).mean(-1), 0.5))
        >>> explain(Dropping(), (2, 4, 9)).notes[0].code
        'dropout_in_eval'
    """
    dropped = ran.flow.dropped
    if any(each.training for each in dropped):
        dropped = ran.subject.in_eval().flow.dropped
    for each in dict.fromkeys(dropped):
        # Who writes it out means it, as a text-to-speech decoder does.
        if each.training or "training=True" in each.line.replace(" ", ""):
            continue
        attends = each.name == "scaled_dot_product_attention"
        told = "dropout_p=p if self.training else 0.0" if attends else "training=self.training"
        yield (
            f"{each.name}{at_line(each.line)} drops values in eval mode too, and each call gives another answer: "
            f"a function does not know the mode of the model. Tell it, {told}"
            f"{'' if attends else ', or use the layer nn.Dropout'}."
        )
