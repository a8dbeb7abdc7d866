from syngraph_python.aggregator_metrics import F1ScoreMetric

__all__ = ["F1ScoreMetric"]
