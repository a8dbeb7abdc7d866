from syngraph_python.unit_metrics import ScrollDirectionMetric

__all__ = ["ScrollDirectionMetric"]
