"""Judgements of single answers: whether a prediction is what it should be."""

import difflib
import re
from dataclasses import dataclass, field
from typing import Any, Dict


@dataclass
class UnitMetricResult:
    correct: bool
    golden: Dict[str, Any]
    predicted: Dict[str, Any]
    metadata: Dict[str, Any] = field(default_factory=dict)

    def to_dict(self):
        return dict(vars(self))

    @classmethod
    def from_dict(cls, data):
        return cls(**{name: data[name] for name in cls.__dataclass_fields__ if name in data})


class BaseUnitMetric:
    """Subclasses judge one pair in `judge`, which answers with (correct, details)."""

    name = ""
    defaults: Dict[str, Any] = {}

    def __init__(self, **config):
        self.config = config
        for key, value in {**self.defaults, **config}.items():
            setattr(self, key, value)

    def evaluate(self, golden, predicted):
        if len(golden) != len(predicted):
            raise ValueError("{} golden values and {} predicted ones cannot be compared".format(len(golden), len(predicted)))
        return [self._result(_as_mapping(one), _as_mapping(other)) for one, other in zip(golden, predicted)]

    def _result(self, golden, predicted):
        try:
            correct, details = self.judge(golden, predicted)
        except (TypeError, ValueError, KeyError) as error:
            correct, details = False, {"error": str(error)}
        return UnitMetricResult(bool(correct), golden, predicted, {"validator": self.name, **details})

    def judge(self, golden, predicted):
        raise NotImplementedError


class ExactMatchMetric(BaseUnitMetric):
    name = "exact_match"
    defaults = {"case_sensitive": False, "normalize_whitespace": True, "key": None}

    def judge(self, golden, predicted):
        texts = [_text(value, self.key) for value in (golden, predicted)]
        compared = [self._plain(text) for text in texts]
        return compared[0] == compared[1], {"golden_text": texts[0], "predicted_text": texts[1]}

    def _plain(self, text):
        text = " ".join(text.split()) if self.normalize_whitespace else text
        return text if self.case_sensitive else text.lower()


class FuzzyMatchMetric(BaseUnitMetric):
    """Similar from `threshold` on: the share of characters in matching blocks (difflib)."""

    name = "fuzzy_match"
    defaults = {"key": None, "threshold": 0.8}

    def judge(self, golden, predicted):
        texts = [" ".join(_text(value, self.key).lower().split()) for value in (golden, predicted)]
        similarity = difflib.SequenceMatcher(None, *texts).ratio()
        return similarity >= self.threshold, {"similarity_score": similarity}


class TypedValueMatchMetric(BaseUnitMetric):
    name = "typed_value_match"
    defaults = {"golden_text_key": "text", "predicted_text_key": "text", "fuzzy_match_threshold": 0.8}

    def judge(self, golden, predicted):
        pairs = ((golden, self.golden_text_key), (predicted, self.predicted_text_key))
        texts = [re.sub(r"\s+", " ", str(value.get(key, "")).strip().lower()) for value, key in pairs]
        similarity = difflib.SequenceMatcher(None, *texts).ratio()
        exact, fuzzy = texts[0] == texts[1], similarity >= self.fuzzy_match_threshold
        return exact or fuzzy, {"exact_match": exact, "fuzzy_match": fuzzy, "similarity_score": similarity}


class ActionWithinBboxMetric(BaseUnitMetric):
    """The predicted point lies in the golden rectangle {x, y, width, height}, its border included."""

    name = "action_within_bbox"
    defaults = {"predicted_x_key": "x", "predicted_y_key": "y", "golden_bbox_key": "bbox"}

    def judge(self, golden, predicted):
        box = golden[self.golden_bbox_key]
        x, y = float(predicted[self.predicted_x_key]), float(predicted[self.predicted_y_key])
        left, top = float(box["x"]), float(box["y"])
        return left <= x <= left + float(box["width"]) and top <= y <= top + float(box["height"]), {}


class ScrollDirectionMetric(BaseUnitMetric):
    name = "scroll_direction"
    defaults = {"golden_direction_key": "direction", "predicted_direction_key": "direction"}

    def judge(self, golden, predicted):
        wanted, found = golden.get(self.golden_direction_key), predicted.get(self.predicted_direction_key)
        is_direction = found in ("up", "down", "left", "right")
        return is_direction and wanted == found, {"golden_direction": wanted, "predicted_direction": found}


class ScrollAmountMetric(BaseUnitMetric):
    """Within `tolerance_percent` of the golden amount; of none at all, at most `scroll_threshold`."""

    name = "scroll_amount"
    defaults = {"golden_amount_key": "amount", "predicted_amount_key": "amount", "tolerance_percent": 20.0, "scroll_threshold": 10.0}

    def judge(self, golden, predicted):
        wanted, found = float(golden.get(self.golden_amount_key, 0)), float(predicted.get(self.predicted_amount_key, 0))
        difference = abs(wanted - found)
        allowed = self.scroll_threshold if wanted == 0 else abs(wanted) * self.tolerance_percent / 100
        return difference <= allowed, {"difference": difference}


class Registry:
    """Finds metrics by the name that pipelines give them."""

    def __init__(self, *metrics):
        self._metrics = {metric.name: metric for metric in metrics}

    def register(self, name, metric):
        self._metrics[name] = metric

    def get_metric(self, name, **config):
        if name not in self._metrics:
            raise KeyError("There is no metric {}; there are: {}".format(name, ", ".join(self.list_metrics())))
        return self._metrics[name](**config)

    def get_metric_class(self, name):
        return self._metrics[name]

    def has_metric(self, name):
        return name in self._metrics

    def list_metrics(self):
        return sorted(self._metrics)

    def decorator(self, name):
        """`@unit_metric("name")` on a class of the task's own."""

        def note(metric):
            metric.name = name
            self.register(name, metric)
            return metric

        return note


UnitMetricRegistry = Registry(
    ExactMatchMetric, FuzzyMatchMetric, TypedValueMatchMetric, ActionWithinBboxMetric, ScrollDirectionMetric, ScrollAmountMetric
)


def _as_mapping(value):
    return value if isinstance(value, dict) else {"value": value}


def _text(value, key):
    return str(value.get(key, "")) if key else str(value.get("value", value))
