from syngraph_python.unit_metrics import UnitMetricResult

__all__ = ["UnitMetricResult"]
