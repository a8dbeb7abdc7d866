from syngraph_python.aggregator_metrics import RecallMetric

__all__ = ["RecallMetric"]
