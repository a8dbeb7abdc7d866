from syngraph_python.unit_metrics import TypedValueMatchMetric

__all__ = ["TypedValueMatchMetric"]
