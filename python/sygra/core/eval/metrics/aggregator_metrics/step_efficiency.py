from syngraph_python.aggregator_metrics import StepEfficiencyMetric

__all__ = ["StepEfficiencyMetric"]
