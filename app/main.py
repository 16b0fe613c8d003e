"""Puts the HTTP service together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from fastapi_offline import FastAPIOffline

from app.api import (
    accesses,
    agreement_acts,
    agreements,
    alerts,
    audit,
    campaigns,
    catalogue,
    designations,
    dispatches,
    followed,
    glossary,
    health,
    measured,
    measurements,
    memorandum,
    metrics,
    people,
    plans,
    probes,
    quarantine,
    registry,
    reminders,
    requests,
    results,
    reviews,
    series,
    sites,
    targets,
    tombstones,
    treasury,
)
from app.api.callers import requires
from app.api.documentation import DESCRIPTION, document
from app.api.guarding import Guard
from app.api.head import AnswerHead
from app.api.limiting import Allowance
from app.api.parameters import given_once
from app.api.service import Service
from app.api.telemetry import CountRequests, Telemetry
from app.api.wire import problems
from app.dependencies import make_clock
from app.errors import DOCS, add_error_handlers
from app.settings import Settings
from app.store.engine import create_engine_for
from app.web import landing
from app.web import measured as measured_page
from measurements.agreements.people import Act
from measurements.clock import Clock

API = "/api/v1"


def create_app(settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The service on the database that the settings name. Nothing is connected before the first request."""
    clock = clock or make_clock()
    engine = create_engine_for(settings.database_url)
    telemetry = Telemetry(engine, clock, make_clock())

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    app = FastAPIOffline(
        title="Rasad",
        description=DESCRIPTION,
        version=version("rasad"),
        license_info={"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        lifespan=life,
        dependencies=[Depends(given_once)],
        docs_url=DOCS,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.service = Service(
        settings=settings, engine=engine, clock=clock, telemetry=telemetry, allowance=Allowance(clock)
    )
    api = APIRouter(prefix=API)
    for resource in (
        results, series, quarantine, targets, sites, metrics, measurements, followed, glossary, registry, measured
    ):  # fmt: skip
        public = [Depends(requires(Act.READ_PUBLIC))]
        api.include_router(resource.router, dependencies=public, responses=problems(401, 429, 503))
    for resource in (
        people, designations, memorandum, catalogue, audit, agreements, agreement_acts, dispatches, requests, plans,
        reviews, reminders, accesses, tombstones, campaigns, alerts, probes, treasury,
    ):  # fmt: skip
        api.include_router(resource.router)
    for router in (api, health.router, landing.router, measured_page.router):
        app.include_router(router)
    add_error_handlers(app)
    app.add_middleware(Guard, names=settings.names)
    app.add_middleware(CountRequests, telemetry=telemetry, clock=clock)
    app.add_middleware(AnswerHead)  # the last one added is the first one asked
    document(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
