"""Are shares that add up to 1 read as such?"""

from collections.abc import Iterator

from ..note import Ran, at_line, note


@note("output")
def scores_wanted(ran: Ran) -> Iterator[str]:
    """A loss that wants raw scores is given what a softmax or a sigmoid made of them.

    Example:
        >>> class Training(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv, self.softmax = nn.Conv1d(4, 3, 9), nn.Softmax(dim=1)
        ...
        ...     def forward(self, x, target):
        ...         return nn.functional.cross_entropy(self.softmax(self.conv(x)[..., 0]), target)
        >>> explain(Training(), (torch.zeros(2, 4, 9), torch.tensor([0, 2]))).notes[0].code
        'scores_wanted'
    """
    for each in ran.flow.misread:
        if each.along is None:
            made = each.made.name
            how = f"comes from a {made}{at_line(each.made.line)}"
            if each.reader in ("nll_loss", "kl_div"):
                cure = f"It wants the logarithm of that: log_{made} in its place."
            else:
                cure = f"It takes the {made} by itself, and of shares it can hardly fall: leave the {made} out."
            yield (
                f"What {each.reader}{at_line(each.line)} is given, {each.shape}, {how}: seen by following it "
                f"through forward. {cure}"
            )


@note("output")
def shares_axis(ran: Ran) -> Iterator[str]:
    """Attention weights add up to 1 along another axis than the one that they are summed over.

    Example:
        >>> class Attending(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.conv = nn.Conv1d(4, 8, 3)
        ...
        ...     def forward(self, x):
        ...         h = self.conv(x)
        ...         return torch.softmax(h.mT @ h, dim=1) @ h.mT
        >>> explain(Attending(), (2, 4, 9)).notes[0].code
        'shares_axis'
    """
    for each in ran.flow.misread:
        if each.along is not None:
            ndim = len(each.shape)
            yield (
                f"softmax{at_line(each.made.line)} makes weights of {each.shape}, and "
                f"{each.reader}{at_line(each.line)} sums over their axis {each.along}, along which they do not "
                "add up to 1: seen by following the axes. For a weighted mean of the steps take the softmax along "
                f"that axis, dim={each.along - ndim}."
            )
