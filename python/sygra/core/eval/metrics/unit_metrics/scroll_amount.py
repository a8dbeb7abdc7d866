from syngraph_python.unit_metrics import ScrollAmountMetric

__all__ = ["ScrollAmountMetric"]
