from syngraph_python.aggregator_metrics import AccuracyMetric

__all__ = ["AccuracyMetric"]
