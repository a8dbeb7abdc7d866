from syngraph_python.aggregator_metrics import BaseAggregatorMetric

__all__ = ["BaseAggregatorMetric"]
