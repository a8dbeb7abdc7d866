"""Figures over the judgements of many answers."""

import math
from collections import Counter
from typing import Any, Dict

from .unit_metrics import Registry


class BaseAggregatorMetric:
    """Subclasses answer with a mapping of figures in `calculate(results)`."""

    name = ""
    defaults: Dict[str, Any] = {}

    def __init__(self, **config):
        self.config = config
        for key, value in {**self.defaults, **config}.items():
            setattr(self, key, value)

    def calculate(self, results):
        raise NotImplementedError


class AccuracyMetric(BaseAggregatorMetric):
    name = "accuracy"

    def calculate(self, results):
        return {"accuracy": _share(sum(result.correct for result in results), len(results))}


class PrecisionMetric(BaseAggregatorMetric):
    """Of what was predicted as a class, the share that was right; and the mean over the classes."""

    name = "precision"
    defaults = {"predicted_key": None}

    def calculate(self, results):
        shares = _shares_by_class(results, [result.predicted.get(self.predicted_key) for result in results])
        return {"average_precision": _mean(shares), "precision_per_class": shares}


class RecallMetric(BaseAggregatorMetric):
    """Of what is of a class, the share that was found; and the mean over the classes."""

    name = "recall"
    defaults = {"golden_key": None}

    def calculate(self, results):
        shares = _shares_by_class(results, [result.golden.get(self.golden_key) for result in results])
        return {"average_recall": _mean(shares), "recall_per_class": shares}


class F1ScoreMetric(BaseAggregatorMetric):
    """Harmonic mean of precision and recall: of their averages, and for each class."""

    name = "f1_score"
    defaults = {"predicted_key": None, "golden_key": None}

    def calculate(self, results):
        precision = PrecisionMetric(predicted_key=self.predicted_key).calculate(results)
        recall = RecallMetric(golden_key=self.golden_key).calculate(results)
        per_class = {
            name: _harmonic(precision["precision_per_class"].get(name, 0.0), recall["recall_per_class"].get(name, 0.0))
            for name in sorted({*precision["precision_per_class"], *recall["recall_per_class"]})
        }
        average = _harmonic(precision["average_precision"], recall["average_recall"])
        return {"average_f1_score": average, "f1_score_per_class": per_class}


class PassAtKMetric(BaseAggregatorMetric):
    """The chance that at least one of k attempts drawn without replacement is right: 1 - C(n-c, k) / C(n, k) (Chen et al. 2021)."""

    name = "pass@k"
    defaults = {"k": 1}

    def calculate(self, results):
        count, correct = len(results), sum(result.correct for result in results)
        chances = {k: 1 - math.comb(count - correct, k) / math.comb(count, k) if k <= count else 0.0 for k in range(1, self.k + 1)}
        return {"pass@{}".format(k): chance for k, chance in chances.items()}


class PassPowerKMetric(BaseAggregatorMetric):
    """The chance that k independent attempts are all right."""

    name = "pass^k"
    defaults = {"k": 1}

    def calculate(self, results):
        rate = _share(sum(result.correct for result in results), len(results))
        return {"success_rate": rate, **{"pass^{}".format(k): rate**k for k in range(1, self.k + 1)}}


AggregatorMetricRegistry = Registry(AccuracyMetric, PrecisionMetric, RecallMetric, F1ScoreMetric, PassAtKMetric, PassPowerKMetric)


def _shares_by_class(results, labels):
    labelled = [(str(label), result.correct) for label, result in zip(labels, results) if label is not None]
    counts = Counter(label for label, _ in labelled)
    right = Counter(label for label, correct in labelled if correct)
    return {label: _share(right[label], count) for label, count in counts.items()}


def _share(part, whole):
    return part / whole if whole else 0.0


def _mean(shares):
    return _share(sum(shares.values()), len(shares))


def _harmonic(one, other):
    return 2 * one * other / (one + other) if one + other else 0.0
