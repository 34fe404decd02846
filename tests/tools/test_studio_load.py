"""Load on the studio, in small: every image arrives. Times and the memory of an hour are for the script."""

import os
from threading import Event, Thread

from studio_load import flood, measure_connections, photo, spec, time_images, visit
from studio_process import Studio, Visitor, memory


def test_quiet_visitor_gets_all_images_beside_a_flood(studio: Studio) -> None:
    is_open, stop = Event(), Event()
    thread = Thread(target=flood, args=(studio, 12, is_open, stop))
    thread.start()
    is_open.wait()
    statuses, median = time_images(studio, 10)
    stop.set()
    thread.join()
    assert statuses == {200: 10} and median > 0


def test_images_arrive_beside_205_idle_connections(studio: Studio) -> None:
    assert measure_connections(studio, 205, 3) == []


def test_visitors_work_with_photos(studio: Studio) -> None:
    visitor = Visitor(studio)
    face = visitor.post("image", spec(studio))[1]
    visitor.close()
    statuses = visit(studio, 0, photos=[photo(face, (400, 300), "JPEG")], is_last=False)
    assert statuses.total() == 22 and statuses[200] >= 21  # a model without a segmentor refuses the photo


def test_memory_of_a_process_and_its_children() -> None:
    own, total = memory(os.getpid())
    assert 10 < own <= total
