"""What the API offers for every kind of job beside its creation: find, describe, stop, list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.compute.jobs import Job
from sandbox.compute.listing import Entry, page
from sandbox.compute.operations import Handler, Request, in_use, invalid


def jobs_of(request: Request, kind: type[Job]) -> dict[str, Any]:
    """The jobs of one kind in the request's account and region, by name."""
    kept: dict[str, Any] = getattr(request.scope.backend, f"{kind.noun.lower()}_jobs")
    return kept


def begin(request: Request, job: Job) -> dict[str, Any]:
    """Keep a job that is allowed and run it in the background."""
    jobs_of(request, type(job))[job.name] = job
    job.start()
    return {f"{job.noun}JobArn": job.arn}


def require_new(request: Request, kind: type[Job]) -> None:
    """Refuse a name that another job has."""
    name = request.get(f"{kind.noun}JobName")
    if name in jobs_of(request, kind):
        raise in_use(f"Job name must be unique within an AWS account and region: {name} exists")


def find(request: Request, kind: type[Job]) -> Job:
    """The job the request names."""
    name = request.get(f"{kind.noun}JobName")
    job: Job | None = jobs_of(request, kind).get(name)
    if job is None:
        raise invalid(kind.unknown.format(name=name))
    return job


def operations(kind: type[Job], create: Handler) -> Mapping[str, Handler]:
    """The handlers of one kind of job."""

    def listed(request: Request) -> dict[str, Any]:
        entries = [
            Entry(job.name, job.status, job.creation_time, job.last_modified_time, job.summary())
            for job in list(jobs_of(request, kind).values())
        ]
        return page(entries, request.parameters, f"{kind.noun}JobSummaries", kind.order)

    return {
        f"Create{kind.noun}Job": create,
        f"Describe{kind.noun}Job": lambda request: find(request, kind).describe(),
        f"Stop{kind.noun}Job": lambda request: find(request, kind).stop(),
        f"List{kind.noun}Jobs": listed,
    }
