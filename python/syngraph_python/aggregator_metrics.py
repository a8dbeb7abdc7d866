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


class StepEfficiencyMetric(BaseAggregatorMetric):
    """
    A step that is right at once counts 1, each retry before it takes `penalty_per_retry` off, one that is never right counts 0.
    Steps are told apart by mission_id and step_id of the metadata, retries by retry_number or by the number that ends retry_id.
    """

    name = "step_efficiency"
    defaults = {"penalty_per_retry": 0.2}

    def calculate(self, results):
        first_right = {}
        for result in results:
            step = (result.metadata.get("mission_id"), result.metadata.get("step_id"))
            first_right.setdefault(step, None)
            retry = _retry_number(result.metadata)
            if result.correct and (first_right[step] is None or retry < first_right[step]):
                first_right[step] = retry
        retries = [retry for retry in first_right.values() if retry is not None]
        return {
            "step_efficiency": _share(sum(max(0.0, 1 - retry * self.penalty_per_retry) for retry in retries), len(first_right)),
            "total_steps": len(first_right),
            "first_attempt_correct": retries.count(0),
            "retry_correct": len(retries) - retries.count(0),
            "never_correct": len(first_right) - len(retries),
            "avg_retries_when_correct": _share(sum(retries), len(retries)),
        }


AggregatorMetricRegistry = Registry(
    AccuracyMetric, PrecisionMetric, RecallMetric, F1ScoreMetric, PassAtKMetric, PassPowerKMetric, StepEfficiencyMetric
)


def _retry_number(metadata):
    number = metadata.get("retry_number")
    if number is None:
        digits = str(metadata.get("retry_id", "")).rpartition("_")[2]
        number = int(digits) if digits.isdigit() else 0
    return number


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
