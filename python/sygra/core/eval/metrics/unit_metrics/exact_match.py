from syngraph_python.unit_metrics import ExactMatchMetric

__all__ = ["ExactMatchMetric"]
