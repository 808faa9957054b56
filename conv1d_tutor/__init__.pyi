from . import arithmetic as arithmetic
from . import datasets as datasets
from . import exercises as exercises
from . import explainer as explainer
from . import explore as explore
from . import layout as layout
from . import plotting as plotting
from . import reference as reference
from . import verify as verify
from .arithmetic import Conv1dSpec as Conv1dSpec
from .exercises import check as check
from .exercises import go_on_with as go_on_with
from .exercises import hint as hint
from .exercises import predict as predict
from .exercises import solution as solution
from .explainer import Explanation as Explanation
from .explainer import explain as explain
from .explainer import explain_error as explain_error
from .jupyter.doctor import doctor as doctor

# IPython asks the package itself for these two: %load_ext conv1d_tutor.
from .jupyter.extension import load_ipython_extension as load_ipython_extension
from .jupyter.extension import unload_ipython_extension as unload_ipython_extension
from .layout import check_layout as check_layout
from .layout import table_to_array as table_to_array
from .layout import to_channels_first as to_channels_first
from .plotting import use_style as use_style
from .verify import CheckFailed as CheckFailed
from .verify import check_equal as check_equal
from .verify import check_shape as check_shape
from .verify import compare_gradients_with_torch as compare_gradients_with_torch
from .verify import compare_with_torch as compare_with_torch
from .verify import diagnose as diagnose

__version__: str
