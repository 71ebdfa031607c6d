"""The server on several processes or machines: the same application as a Ray Serve deployment.

Ray starts the replicas, balances requests over them, replaces those that die, and adds some when
requests queue; inside each, the engine batches as it does anywhere. Replicas share specialists by
the data folder, which each watches for new versions, and recorded calls by one database.

    serve run hrm_agent.integrations.ray:build max_replicas=4

Needs the extra `ray`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)

from hrm_agent.errors import ConfigError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from ray.serve import Application  # pyright: ignore[reportMissingImports, reportAttributeAccessIssue]


OPEN = (
    "RAY_SERVE_ENABLE_HA_PROXY",
    "RAY_SERVE_ENABLE_DIRECT_INGRESS",
    "RAY_SERVE_THROUGHPUT_OPTIMIZED",
)
"""Variables with which Ray Serve lets replicas listen themselves."""


class Replicas(BaseModel):
    """How many replicas there are and what each runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_replicas: PositiveInt = 1
    max_replicas: PositiveInt = 4
    queue: PositiveInt = 8
    """Requests under way in each replica that Ray aims at: with more it starts another one."""
    most: PositiveInt = 64
    """Requests under way in one replica at most; further ones wait in Ray's proxy."""
    cpus: NonNegativeFloat = 1.0
    """Cores reserved for each replica; torch uses as many threads."""
    gpus: NonNegativeFloat = 0.0
    specialists: tuple[str, ...] = ()
    """Names or folders; empty for all that are found."""
    api_key_env: str | None = None
    """The environment variable, on the replicas' machines, that holds the callers' key."""
    traffic: str | None = None
    """Database of recorded calls, as a SQLAlchemy URL that every replica reaches."""
    reload: NonNegativeFloat = 10.0
    """Seconds between checks for newly trained versions; 0 turns it off."""
    drain: PositiveFloat = 30.0
    """Seconds for work under way when a replica stops."""


def build(wanted: Replicas | Mapping[str, Any] | None = None) -> Application:
    """The application, for `ray.serve.run` or for `serve run hrm_agent.integrations.ray:build`.

    Args:
        wanted: the settings, or the same by name, as Ray's command line and files give them.

    Keys, origins and aliases come from the table `[server]` of the settings file on the
    replicas' machines, as for `hrm-agent serve`.

    Raises:
        ConfigError: Ray Serve is not installed, a setting is wrong, or there are fewer replicas
            at most than at least.
    """
    if not isinstance(wanted, Replicas):
        try:
            wanted = Replicas.model_validate(wanted or {})
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            raise ConfigError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if wanted.max_replicas < wanted.min_replicas:
        raise ConfigError(
            f"max_replicas is {wanted.max_replicas}, below min_replicas {wanted.min_replicas}"
        )
    try:
        from ray import serve  # pyright: ignore[reportMissingImports, reportAttributeAccessIssue]
    except ImportError:
        raise ConfigError("Ray Serve is not installed: pip install 'hrm-agent[ray]'") from None

    def app() -> FastAPI:
        return replica(wanted)

    deployed = serve.deployment(
        name="hrm-agent",
        max_ongoing_requests=wanted.most,
        autoscaling_config={
            "min_replicas": wanted.min_replicas,
            "max_replicas": wanted.max_replicas,
            "target_ongoing_requests": wanted.queue,
        },
        graceful_shutdown_timeout_s=wanted.drain,
        ray_actor_options={"num_cpus": wanted.cpus, "num_gpus": wanted.gpus},
        logging_config={"enable_access_log": False},  # the application writes its own
    )
    return deployed(serve.ingress(app)()).bind()


def replica(wanted: Replicas) -> FastAPI:
    """What one replica runs; called in its process.

    Raises:
        ConfigError: a setting is wrong, or others can reach it and there is no key.
    """
    from hrm_agent.server import Limits, create_app
    from hrm_agent.server.limits import Key
    from hrm_agent.server.logs import start_logging
    from hrm_agent.server.settings import ServerSettings
    from hrm_router.router import Router
    from hrm_router.settings import Settings
    from hrm_router.traffic.record import Traffic

    settings = Settings.load()
    server = ServerSettings.read(settings.server)
    keys = dict(server.keys)
    if wanted.api_key_env is not None:
        keys["default"] = Key.model_validate({"key": os.environ.get(wanted.api_key_env, "")})
    if not keys and any(os.environ.get(name) == "1" for name in OPEN):
        raise ConfigError(
            "with HAProxy or direct ingress replicas listen on every address of their machine, "
            "and no key is set: set `api_key_env`, or keys in the settings file"
        )
    start_logging("info", "text")
    router = Router(
        wanted.specialists or None,
        settings=settings,
        record=None if wanted.traffic is None else Traffic(wanted.traffic),
    )
    return create_app(
        router,
        keys=keys,
        limits=Limits(solves=2 * wanted.most, caller_solves=2 * wanted.most, drain=wanted.drain),
        origins=server.origins,
        aliases=server.aliases,
        reload=wanted.reload or None,
        close=True,
    )
