"""What the workers of a cluster know of those who died before them."""

import pytest

from photochrom.batch.colouring import Colouring
from photochrom.batch.ray_ledger import Ledger
from photochrom.batch.settings import Job, Settings
from photochrom.errors import ModelError


def test_photographs_in_hand_at_a_death_are_told_to_the_next_process_and_counted() -> None:
    ledger = Ledger()
    ledger.arrive("first")
    ledger.begin("first", ["a.png", "b.png", "c.png"])
    ledger.finish("first", ["a.png"])
    left = ledger.arrive("first")
    assert left.in_hand == {"b.png", "c.png"} and left.deaths == {"b.png": 1, "c.png": 1}
    ledger.begin("first", ["b.png"])
    assert ledger.arrive("first").deaths == {"b.png": 2, "c.png": 1}


def test_workers_do_not_answer_for_each_other() -> None:
    ledger = Ledger()
    ledger.begin("first", ["a.png"])
    left = ledger.arrive("second")
    assert not left.in_hand and not left.deaths


def test_starts_are_counted_until_one_comes_to_a_photograph() -> None:
    ledger = Ledger()
    assert [ledger.arrive("first").starts for _ in range(3)] == [1, 2, 3]
    ledger.begin("first", ["a.png"])
    assert ledger.arrive("first").starts == 1


def test_finished_photographs_are_forgotten() -> None:
    ledger = Ledger()
    ledger.begin("first", ["a.png"])
    ledger.arrive("first")
    ledger.begin("first", ["a.png"])
    ledger.finish("first", ["a.png"])
    left = ledger.arrive("first")
    assert not left.in_hand and not left.deaths


def test_machine_with_other_weights_colours_nothing() -> None:
    with pytest.raises(ModelError, match="not those that the batch began with"):
        Colouring(Job(Settings(), weights="0" * 64, digest="", output="out"))
