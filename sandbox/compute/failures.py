"""Why a job, step or endpoint failed, in the words its FailureReason carries."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from sandbox.trust import TrustError

MAXIMUM = 1024
CALL_ERRORS = (BotoCoreError, ClientError, TrustError)


class RunError(Exception):
    """An expected end of something that runs; its text is the FailureReason."""


def client_failure(what: str, error: Exception) -> RunError:
    """A call to AWS that the job's role made, or could not make."""
    return RunError(shorten(f"ClientError: {what}: {error}"))


def algorithm_failure(message: str, status: int, log: str) -> RunError:
    """A program that ended badly: its own message, its exit code and the end of its log."""
    code = status if status >= 0 else 128 - status
    said = f"{message.strip()[: MAXIMUM // 2]}, " if message.strip() else ""
    head = f"AlgorithmError: {said}exit code: {code}"
    return RunError(with_log(head, log))


def with_log(head: str, log: str) -> str:
    """A reason followed by as many of the last log lines as fit."""
    label = "\nLast lines of the log:\n"
    room = MAXIMUM - len(head) - len(label)
    return f"{head}{label}{log.strip()[-room:]}" if log.strip() else shorten(head)


def shorten(text: str) -> str:
    return text if len(text) <= MAXIMUM else f"{text[: MAXIMUM - 3]}..."
