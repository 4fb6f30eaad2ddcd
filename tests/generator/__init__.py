"""Random departments, exact in 分, and the workbooks that clerks would make of them."""

from .department import Department, department
from .layouts import LAYOUTS, Cells, compose, fits, write
from .slips import Slip, slip
from .style import Layout

__all__ = ["LAYOUTS", "Cells", "Department", "Layout", "Slip", "compose", "department", "fits", "slip", "write"]
