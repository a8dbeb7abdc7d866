from syngraph_python.unit_metrics import UnitMetricRegistry

unit_metric = UnitMetricRegistry.decorator
