"""The worker: wakes what is due, and listens to the stream, until told to stop."""

import os
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Engine

from app.dependencies import make_atlas, origin_of, running_clock
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.prepare_records import Preparer
from app.operations.run_due import run_due
from app.operations.take_stream import take_stream
from app.scheduler import worker_schedule
from app.settings import Settings
from app.store.engine import reading, transactions
from app.store.followed import list_followed
from measurements.atlas.gateway import AtlasGateway, Subscription
from measurements.clock import Clock
from measurements.results.outcome import Label

FOLLOW_EVERY_S = 60
"""Seconds after which the stream is asked for what was followed meanwhile."""

_log = structlog.get_logger("rasad.worker")
