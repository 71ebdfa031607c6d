"""What is handed to a worker is worked on in order, or dropped where too much waits."""

from __future__ import annotations

import threading

from hrm_router.offload import Worker


def test_a_worker_takes_what_fits_goes_on_after_an_error_and_ends_once(caplog):
    done, begun, goes = [], threading.Event(), threading.Event()

    def work(batch):
        begun.set()
        assert goes.wait(20)
        done.extend(batch)
        if 0 in batch:
            raise ZeroDivisionError("oops")

    worker = Worker("hrm-test", work, size=4, most=2)
    assert worker.put(0)
    assert begun.wait(20)
    assert [worker.put(n) for n in range(1, 7)] == [True] * 4 + [False] * 2
    assert not worker.flush(0.01)  # nothing fits, nothing ends
    goes.set()
    assert worker.flush(20)
    assert done == [0, 1, 2, 3, 4]
    assert "hrm-test failed" in caplog.text
    assert worker.put(7)
    worker.close(20)
    worker.close(20)
    assert done[-1] == 7
    assert (worker.put(8), worker.flush(20)) == (False, True)


def test_a_worker_is_called_with_nothing_when_it_is_quiet():
    seen, called = [], threading.Event()

    def work(batch):
        seen.append(list(batch))
        called.set()

    worker = Worker("hrm-test", work, size=1, every=0.01)
    assert called.wait(20)
    worker.close(20)
    assert seen[0] == []
