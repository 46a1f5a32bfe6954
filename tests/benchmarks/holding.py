"""Processes that hold memory, in a module that imports little: what they share with others would blur what is seen."""

import multiprocessing
import time

import numpy as np

SECONDS = 2.0


def hold(megabytes: int) -> None:
    """Hold so much memory for a while."""
    memory = np.ones(megabytes * 1_000_000, np.uint8)
    time.sleep(SECONDS)
    assert memory.any()


def hold_in_a_child(megabytes: int) -> None:
    """Have a child hold it."""
    child = multiprocessing.get_context("spawn").Process(target=hold, args=(megabytes,))
    child.start()
    child.join()
