"""What a running notebook gets: the course's style for the learner's own figures."""


def use_style() -> None:
    """Give every figure of this notebook the course's fonts, colours and margins.

    Returns:
        None.

    Example:
        >>> use_style()
    """
    import matplotlib.pyplot as plt

    from ._style import STYLE

    plt.rcParams.update(STYLE)
