from syngraph_python.aggregator_metrics import PassAtKMetric

__all__ = ["PassAtKMetric"]
