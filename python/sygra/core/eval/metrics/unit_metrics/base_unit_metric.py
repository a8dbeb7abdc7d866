from syngraph_python.unit_metrics import BaseUnitMetric

__all__ = ["BaseUnitMetric"]
