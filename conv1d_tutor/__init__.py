"""Learn PyTorch's Conv1d, and keep the tools for daily work afterwards.

Importing this package loads neither torch nor matplotlib: a module is imported when it is first used.
"""

import lazy_loader

__version__ = "0.1.0"

# Everything a lesson imports from here, by the module it lives in.
__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "arithmetic",
        "datasets",
        "exercises",
        "explainer",
        "explore",
        "layout",
        "plotting",
        "reference",
        "verify",
    ],
    submod_attrs={
        "arithmetic": ["Conv1dSpec"],
        "exercises": ["check", "hint", "predict", "solution"],
        "explainer": ["Explanation", "explain", "explain_error"],
        "jupyter.doctor": ["doctor"],
        # IPython asks the package itself for these two: %load_ext conv1d_tutor.
        "jupyter.extension": ["load_ipython_extension", "unload_ipython_extension"],
        "layout": ["check_layout", "table_to_array", "to_channels_first"],
        "plotting": ["use_style"],
        "verify": [
            "CheckFailed",
            "check_equal",
            "check_shape",
            "compare_gradients_with_torch",
            "compare_with_torch",
            "diagnose",
        ],
    },
)
