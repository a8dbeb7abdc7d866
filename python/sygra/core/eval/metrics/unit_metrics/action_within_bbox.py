from syngraph_python.unit_metrics import ActionWithinBboxMetric

__all__ = ["ActionWithinBboxMetric"]
