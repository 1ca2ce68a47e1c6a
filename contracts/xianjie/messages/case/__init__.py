"""The case: what applicants, centres and owners say about it, and what intake answers. Written in four parts, imported as one."""

from xianjie.messages.case.application import *  # noqa: F403  (one noun, written in parts)
from xianjie.messages.case.course import *  # noqa: F403  (one noun, written in parts)
from xianjie.messages.case.related import *  # noqa: F403  (one noun, written in parts)
from xianjie.messages.case.review import *  # noqa: F403  (one noun, written in parts)
