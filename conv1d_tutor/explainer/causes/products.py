"""Do the sizes agree that a product of tensors sums over, where the model's own code multiplies?"""

from ..cause import When, cause, means
from ..situation import Situation

#: Functions that multiply two tensors, with the place of the first of them.
_PRODUCTS = {
    **dict.fromkeys(("matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "mv", "dot"), 0),
    **dict.fromkeys(("addmm", "baddbmm", "addbmm", "addmv"), 1),
}


@cause()
def product_sizes() -> None:
    """The sizes that a product of tensors sums over differ.

    Example:
        >>> class Scores(nn.Module):
        ...     def forward(self, x):
        ...         return x @ x
        >>> found = explain(Scores(), (2, 6, 4))
        >>> found.problem
        'product_sizes'
        >>> "(2, 6, 4) has 4 there, (2, 6, 4) has 6" in found.text and "first @ second.mT" in found.text
        True
    """


@means(product_sizes, When(kinds=("product", "linear")))
def sizes_of_a_product(at: Situation) -> str:
    """What torch means by refusing a product that the model's own code writes."""
    place = _PRODUCTS.get(at.failure.function)
    factors = at.failure.shapes[place : place + 2] if place is not None else ()
    if len(factors) < 2 or not all(factors):
        return ""
    first, second = factors
    summed, other = first[-1], second[-2] if len(second) > 1 else second[-1]
    if summed == other:
        return (
            f"in first @ second axis 0 counts products, and both must have as many: {first} has {first[0]}, "
            f"{second} has {second[0]}.{at.line}"
        )
    turned = ["first @ second.mT"] if len(second) > 1 and second[-1] == summed else []
    turned += ["first.mT @ second"] if len(first) > 1 and first[-2] == other else []
    would = f" Turned, they fit: {' or '.join(turned)}." if turned else ""
    return (
        f"first @ second sums over the last axis of the first and the last but one of the second: {first} has "
        f"{summed} there, {second} has {other}.{would}{at.line}"
    )


@means(product_sizes, When(kinds=("einsum",)))
def letters_of_einsum(at: Situation) -> str:
    """What torch means by refusing the sizes given to an einsum."""
    letter, size, before = at.failure.numbers
    return (
        f"in an einsum a letter stands for one size: {letter} is {before}, and in another operand {size}.{at.line}"
    )
