import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecom.errors import InputError
from ecom.plan import contest
from ecom.plan.contest import Contest
from ecom.recipe import Recipe

QUICKSTART = str(Path(__file__).parents[2] / "recipes" / "quickstart.yaml")  # one replica
Timed = Callable[..., Contest]
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def timed(recipe_of: Callable[..., Recipe]) -> Timed:
    def plan(rate: float, replicas: int = 1) -> Contest:
        data = recipe_of("tiny").model_dump()
        data["predict"]["replicas"] = replicas
        return contest.plan(Recipe.model_validate(data), rate)

    return plan


def test_the_8b_baseline_s_7_3_questions_a_second_do_all_tracks_in_a_third_of_the_time(
    timed: Timed,
) -> None:
    found = timed(7.3)

    assert found.fits
    assert [t.limit_minutes for t in found.tracks] == [70, 20, 30, 20, 140]
    assert found.tracks[-1].minutes == pytest.approx(47.03, abs=0.01)  # 20,598 / 7.3 / 60


def test_track_5_needs_2_45_questions_a_second(timed: Timed) -> None:
    assert not timed(2.45).fits  # 140.1 minutes
    assert timed(2.46).fits  # 139.6


def test_only_the_total_is_known_and_the_tracks_add_up_to_it(timed: Timed) -> None:
    *skills, overall = timed(2.5).tracks

    assert [t.name for t in skills] == ["concepts", "reasoning", "behavior", "multilingual"]
    assert (overall.questions, overall.estimated) == (20_598, False)
    assert all(t.estimated for t in skills)
    assert sum(t.questions for t in skills) == pytest.approx(20_598, abs=2)  # rounded
    assert sum(t.minutes for t in skills) == pytest.approx(overall.minutes, abs=0.01)


def test_the_rate_is_one_replica_s(timed: Timed) -> None:
    four, one = timed(0.7, replicas=4), timed(2.8)

    assert [t.minutes for t in four.tracks] == pytest.approx([t.minutes for t in one.tracks])
    assert not timed(0.7).fits
    assert timed(0.7).replicas_needed == 4  # 3 × 0.7 = 2.1 a second, 4 × 0.7 = 2.8


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(timed: Timed, rate: float) -> None:
    with pytest.raises(InputError, match=r"--rate .*above 0.*e\.g\. --rate 2\.5"):
        timed(rate)


def test_a_track_that_is_late_ends_the_command_with_2(ecom: Command) -> None:
    code, shown, _ = ecom("plan", QUICKSTART, "--rate", "2.2")

    assert code == 2
    for part in ("5 overall", "20,598", "156.0", "too late", "≈", "estimated", "2.45 questions/s"):
        assert part in shown
    assert "set predict.replicas=2" in shown

    code, shown, _ = ecom("plan", QUICKSTART, "--rate", "0.2")
    assert code == 2
    assert "13 T4s, and the contest's machine has 4" in " ".join(shown.split())  # 2.45 / 0.2 = 12.3


def test_json_has_the_tracks_only_where_a_rate_is_given(ecom: Command) -> None:
    code, shown, _ = ecom("plan", QUICKSTART, "--rate", "3", "--json")
    found: dict[str, Any] = json.loads(shown)["contest"]

    assert code == 0
    assert (found["fits"], found["rate"], found["replicas"]) == (True, 3, 1)
    assert found["tracks"][-1] == {
        "name": "overall",
        "questions": 20_598,
        "estimated": False,
        "limit_minutes": 140,
        "minutes": 114.43,
        "fits": True,
    }
    assert "contest" not in json.loads(ecom("plan", QUICKSTART, "--json")[1])
