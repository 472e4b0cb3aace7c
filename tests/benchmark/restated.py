"""The authors' scorers once more, as plain programs over all answers of a task.

They were written from the authors' repositories and share nothing with ecom/benchmark: where a
program there would end with an error, `CrashError` is raised, and the tests expect a wrong answer.
"""

import json
import math
from contextlib import suppress
from typing import Any

from rouge.rouge_score import rouge_n
from rouge_score import rouge_scorer
from sacrebleu import corpus_bleu
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
)


class CrashError(Exception):
    """The authors' program would end here."""


def average(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


# Shopping MMLU, skill_wise_eval/metrics.py and task_wise_eval/hf_*.py


def mmlu_skill_accuracy(said: str, truth: int) -> int:
    said = said.lstrip(" ").rstrip(" ")
    if not said:
        return 0
    return 1 if said[0] == f"{truth}" else 0


def mmlu_task_accuracy(said: str, truth: int) -> int:
    picked = said
    for sign in said:
        if sign.isnumeric():
            picked = sign
            break
    return int(picked == str(truth))


def whole_numbers(pieces: list[str]) -> list[int]:
    numbers = []
    for piece in pieces:
        with suppress(ValueError):
            numbers.append(int(piece))
    return numbers


def mmlu_hits(said: str, truth: list[int], by_task: bool) -> float:
    said = said.lstrip().rstrip()
    pieces = said.split("\n")[0].split(",") if by_task else said.split(",")
    first = whole_numbers(pieces)[:3]
    return len([one for one in set(truth) if one in first]) / len(truth)


def mmlu_ndcg(said: str, truth: list[float], by_task: bool) -> float:
    if "\n" in said:
        said = said.lstrip("\n").rstrip("\n")
        said = said.split("\n")[0]
    order = whole_numbers(said.lstrip().rstrip().split(","))
    if not by_task and len(order) > len(truth):
        order = order[: len(truth)]
    gained = 0.0
    for place, number in enumerate(order, start=1):
        if number - 1 >= len(truth):
            continue
        if number - 1 < -len(truth):
            continue  # Python's IndexError in theirs
        gained += (math.pow(2, truth[number - 1]) - 1) / math.log2(place + 1)
    best = 0.0
    for place, relevance in enumerate(sorted(truth, reverse=True), start=1):
        best += (math.pow(2, relevance) - 1) / math.log2(place + 1)
    return gained / best if best else 0.0


def mmlu_ner(pairs: list[tuple[str, list[str]]]) -> float:
    right = wrong = missed = 0
    for said, truth in pairs:
        while said.startswith("\n"):
            said = said[1:]
        line = said.split("\n")[0].lstrip(" ").rstrip(" ")
        named = [piece.lower().lstrip(" ").rstrip(" ") for piece in line.split(",") if piece != ""]
        known = [one.lower() for one in truth]
        both = len(set(named) & set(known))
        right, wrong, missed = right + both, wrong + len(named) - both, missed + len(known) - both
    if right + wrong == 0 or right + missed == 0:
        return 0.0  # a division by zero in theirs
    p, r = right / (right + wrong), right / (right + missed)
    return 0.0 if p + r == 0 else 2 * p * r / (p + r)


def mmlu_rougel(said: str, truth: str) -> float:
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    return float(scorer.score(said, truth)["rougeL"].fmeasure)


def mmlu_bleu(said: str, truth: str) -> float:
    line = said.lstrip("\n").rstrip("\n").split("\n")[0]
    return float(corpus_bleu([line], [[truth]], lowercase=True).score) / 100


# ECInstruct, evaluate.py


def ec_values(said: list[str], truth: list[list[dict[str, Any]]], ood: bool) -> float:
    answers: list[list[Any]] = []
    for text in said:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = []
        # a list's items that are no objects end theirs with an error, or are no value
        found = found if type(found) is list else []
        answers.append([one for one in found if type(one) is dict])
    hits = 0
    for made, right in zip(answers, truth, strict=True):
        for label in right:
            for one in made:
                if not ("attribute" in one and "value" in one and "source" in one):
                    continue
                same = [one[k] == label[k] for k in ("attribute", "value", "source")]
                if all(same):
                    hits += 1
                    continue
                if not ood or not same[0] or one["value"] is None or one["source"] is None:
                    continue
                if type(one["source"]) is not str:
                    continue  # a TypeError in theirs
                a, b = str(one["value"]), str(label["value"])
                inside = a in b or b in a
                if inside and (
                    one["source"] in label["source"] or label["source"] in one["source"]
                ):
                    hits += 1
    recall = hits / sum(len(right) for right in truth)
    precision = hits / (sum("attribute" in one for made in answers for one in made) + 1e-6)
    return 2 * recall * precision / (recall + precision + 1e-6)


def ec_yes_no(said: list[str], truth: list[str]) -> dict[str, float]:
    rows = [(one.lower().strip(), right) for one, right in zip(said, truth, strict=True)]
    rows = [(one, right) for one, right in rows if one in {"yes", "no"}]
    if not rows:
        raise CrashError
    made, right = zip(*rows, strict=True)
    options: dict[str, Any] = {"pos_label": "yes", "average": "binary", "zero_division": 0}
    tn, fp, fn, _ = confusion_matrix(right, made, labels=["no", "yes"]).ravel()
    return {
        "F1": f1_score(right, made, **options),
        "accuracy": accuracy_score(right, made),
        "recall": recall_score(right, made, **options),
        "precision": precision_score(right, made, **options),
        "specificity": tn / (tn + fp + 1e-8),
        "NPR": tn / (tn + fn + 1e-8),
    }


def ec_recall_1(said: list[str], truth: list[str]) -> float:
    known = [chr(65 + place) for place in range(20)]
    rows = [(s.strip(), t) for s, t in zip(said, truth, strict=True) if s.strip() in known]
    if not rows:
        raise CrashError
    return float(accuracy_score([t for _, t in rows], [s for s, _ in rows]))


def ec_choice(said: list[str], truth: list[str]) -> dict[str, float]:
    rows = []
    for one, right in zip(said, truth, strict=True):
        one = one.strip()
        if one and one[0] in ("A", "B", "C", "D", "E"):  # theirs ends with an error at ""
            rows.append((one[0], right[0]))
    if not rows:
        raise CrashError
    made, right_ = zip(*rows, strict=True)
    return {
        "F1": f1_score(right_, made, average="macro", zero_division=0),
        "accuracy": accuracy_score(right_, made),
        "recall": recall_score(right_, made, average="macro", zero_division=0),
        "precision": precision_score(right_, made, average="macro", zero_division=0),
    }


def ec_ndcg(said: list[str], labels: list[list[str]]) -> float:
    worth = {"E": 1.0, "S": 0.1, "C": 0.01, "I": 0}
    total = 0.0
    for text, of_row in zip(said, labels, strict=True):
        by_letter = {chr(ord("A") + place): label for place, label in enumerate(of_row)}
        gains = []
        for piece in text.strip().split(","):
            try:
                gains.append(worth[by_letter[piece[0]]])
            except (LookupError, TypeError):
                continue
        got, ideal = (
            sum((2**gain - 1) / math.log2(place + 2) for place, gain in enumerate(order))
            for order in (gains, sorted(gains, reverse=True))
        )
        total += got / (ideal + 1e-6)
    return total / len(labels)


# IntentionQA, evaluation/computeACC.py on answers as LM_generation strips them


def intention(said: list[str], truth: list[str]) -> float:
    right = []
    for text, gold in zip(said, truth, strict=True):
        text = text.strip()
        if text == "Error":
            continue
        text = text.strip(".")
        letter = text[0].upper() if len(text) else " "
        right.append(float(letter == gold))
    return average(right)


# EcomEval, tasks/*.py


def contained(said: list[str], truth: list[str]) -> float:
    return sum(1 for text, right in zip(said, truth, strict=True) if text.count(right)) / len(said)


def entities_contained(said: list[str], truth: list[list[str]]) -> float:
    correct = 0.0
    for text, right in zip(said, truth, strict=True):
        for entity in right:
            if entity in text:
                correct += 1 / len(right)
    return correct / len(said)


def rouge_chinese(said: str, truth: str) -> float:
    import re

    def sentences(text: str) -> list[str]:
        text = re.sub(r"([。！？\?])([^”’])", r"\1\n\2", text)
        text = re.sub(r"(\.{6})([^”’])", r"\1\n\2", text)
        text = re.sub(r"(\…{2})([^”’])", r"\1\n\2", text)
        text = re.sub(r"([。！？\?][”’])([^，。！？\?])", r"\1\n\2", text)
        return [" ".join(one.split()) for one in text.rstrip().split("\n") if len(one) > 0]

    made, right = sentences(said), sentences(truth)
    if not made or not right:
        return 0.0  # a ValueError in theirs
    return float(rouge_n(made, right, 1)["f"])


# ESCI, ranking/prepare_trec_eval_files.py and trec_eval -c -J -m 'ndcg.1=0,2=0.01,3=0.1,4=1'


def esci_ndcg(orders: list[list[str]], judged: list[dict[str, str]]) -> float:
    grade = {"E": 4, "S": 2, "C": 3, "I": 1}
    gain = {1: 0.0, 2: 0.01, 3: 0.1, 4: 1.0}
    scores = []
    for order, labels in zip(orders, judged, strict=True):
        dcg = idcg = 0.0
        for place, product in enumerate(order, start=1):
            dcg += gain[grade[labels[product]]] / math.log2(place + 1)
        for place, g in enumerate(sorted((grade[x] for x in labels.values()), reverse=True), 1):
            idcg += gain[g] / math.log2(place + 1)
        scores.append(dcg / idcg if idcg else 0.0)
    return average(scores)


def m2_bleu(said: list[str], truth: list[str]) -> float:
    # task3_baseline/run_summarization.py: `evaluate`'s bleu, which has no smoothing
    found = corpus_bleu([one.strip() for one in said], [truth], smooth_method="none")
    return float(found.score) / 100


def esci_f1(said: list[str], truth: list[str], labels: list[str], average: str) -> float:
    # what is no label is none of the classes, and wrong
    made = [one if one in labels else "" for one in said]
    present = [label for label in labels if label in truth or label in made]
    if average == "micro":
        return float(accuracy_score(truth, made))
    return float(f1_score(truth, made, labels=present, average="macro", zero_division=0))
