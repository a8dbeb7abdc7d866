from syngraph_python.aggregator_metrics import PrecisionMetric

__all__ = ["PrecisionMetric"]
