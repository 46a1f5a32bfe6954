"""From settings to a teacher that can be asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.teachers.exchange import Teacher
from tools.teachers.settings import TeacherSettings


@contextmanager
def opened(settings: TeacherSettings) -> Iterator[Teacher | None]:
    """Open the teacher that the settings name, ``None`` for the template, and close it in the end.

    Raises:
        TeacherError: The teacher cannot be set up.
    """
    teacher = _built(settings)
    try:
        yield teacher
    finally:
        if teacher is not None:
            teacher.close()


def _built(settings: TeacherSettings) -> Teacher | None:
    if settings.name == "endpoint":
        from tools.teachers.endpoint import EndpointTeacher

        return EndpointTeacher(settings.model, settings.endpoint, settings.sampling)
    if settings.name == "huggingface":
        from tools.teachers.huggingface import HuggingFaceTeacher

        return HuggingFaceTeacher(settings.model, settings.huggingface, settings.sampling)
    return None
