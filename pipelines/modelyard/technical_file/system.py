"""Annex IV, section 1: the system in general."""

from collections.abc import Iterator

from modelyard.technical_file.model import Gap
from modelyard.technical_file.teller import Teller, Told, evidence


def section_1(tell: Teller) -> Iterator[Told]:
    """Purpose, version, surroundings, forms, hardware and instructions."""
    project, package = tell.project, tell.dossier.package
    compared = tell.metadata.get("champion_comparison")
    yield tell.said("1(a)", f"Purpose: {project.business.objective}")
    yield tell.stated("1(a)", "risk.intended_uses", "the intended uses and users", "Meant for: ")
    yield tell.stated("1(a)", "risk.out_of_scope", "uses it is not meant for", "Not meant for: ")
    yield tell.said("1(a)", f"Provider: {project.owner}; owner: {project.business.owner}")
    yield tell.said(
        "1(a)",
        f"Version {package.version} of {project.name}. "
        f"Relation to the version in service: {compared or 'none was compared'}",
        tell.package,
    )
    yield tell.said(
        "1(b)",
        f"Serves {project.serving.mode} on Amazon SageMaker. The container is network-isolated: it "
        "answers requests and calls nothing",
    )
    yield from _software(tell)
    yield from _forms(tell)
    yield tell.said(
        "1(e)",
        f"Trained on {project.training.instance_type}, served on "
        + ("serverless capacity" if project.serving.mode == "serverless" else _instances(tell)),
    )
    yield tell.said(
        "1(f)",
        "Software that answers from the deployer's own account; no product that it is a component "
        "of is stated",
    )
    instructions = "risk.documents.instructions_for_use"
    yield tell.stated("1(g)", instructions, "a description of the deployer's user interface")
    if tell.dossier.card:
        told = "The model card tells intended uses, limits, and metrics with intervals"
        yield tell.said("1(h)", told, evidence(tell.dossier.card))
    yield tell.stated("1(h)", instructions, "instructions for use for the deployer")


def _instances(tell: Teller) -> str:
    serving = tell.project.serving
    return f"{serving.instance_count} × {serving.instance_type} at least"


def _software(tell: Teller) -> Iterator[Told]:
    commit, digest = tell.metadata.get("code_commit"), tell.metadata.get("image_digest")
    if commit and commit != "unknown":
        yield tell.said("1(c)", f"Code commit {commit}", tell.package)
    else:
        yield Gap("1(c)", "the code commit", "publish from a clean Git checkout")
    yield tell.said("1(c)", f"Container image {digest}; a newer one is a new version", tell.package)


def _forms(tell: Teller) -> Iterator[Told]:
    done = [one for one in tell.dossier.releases if one.content.get("phase") == "done"]
    for release in done:
        endpoint, where = release.content.get("endpoint"), release.content.get("environment")
        told = f"Put into service in {where} as endpoint {endpoint} at {release.content['time']}"
        yield tell.said("1(d)", told, evidence(release))
    if not done:
        yield Gap("1(d)", "a finished release", "release it with `modelyard release`")
