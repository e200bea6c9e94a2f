"""Who is measured: one file a contestant. To add one, write its file and put it in this list."""

from .ceiling import Ceiling, CeilingNative, Scalar
from .csound import Csound
from .faust import Faust, FaustLoop
from .kairos import Kairos, KairosV4
from .scsynth import Scsynth

ALL = [Kairos, KairosV4, Scsynth, Csound, Faust, FaustLoop, Ceiling, CeilingNative, Scalar]
