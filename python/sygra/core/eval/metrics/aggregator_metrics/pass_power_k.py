from syngraph_python.aggregator_metrics import PassPowerKMetric

__all__ = ["PassPowerKMetric"]
