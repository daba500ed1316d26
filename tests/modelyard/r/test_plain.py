"""Plain data of R come back from their JSON bit by bit, and code never gets into it."""

import subprocess
from pathlib import Path

import pytest

from modelyard.r.process import MAIN, environment, interpreter

pytestmark = pytest.mark.r

SAME = """
list(
  c(pi, -0, 1e-300, .Machine$double.xmax, NA, NaN, Inf, -Inf, 0.1 + 0.2, 5), numeric(), 1:3, NA,
  c(TRUE, NA), c("a", NA, "NA", "\\"q\\"\\n\\\\", "größe \\U0001F600"), character(), NULL, list(),
  list(1, NULL, list("a")), list(a = 1, b = list(c = "x")), c(a = 1, b = 2),
  matrix(runif(6), 2, dimnames = list(NULL, c("x", "y", "z"))), array(1:8, c(2, 2, 2)),
  factor(c("u", "v", NA)), data.frame(x = 1:2, y = c("a", "b")), as.Date("2026-01-31"),
  structure(list(1), class = "team"), scale(matrix(rnorm(4), 2))
)
"""
REFUSED = """
list(
  mean, quote(x + y), y ~ x, new.env(), 1i, as.raw(1), expression(a), lm(dist ~ speed, cars)
)
"""
SCRIPT = """
for (file in c("text.R", "plain.R")) source(file.path(commandArgs(TRUE)[1], file))
set.seed(1)
same <- %s
for (i in seq_along(same)) {
  file <- tempfile()
  writeLines(plain_json(same[[i]]), file, useBytes = TRUE)
  if (!identical(read_plain(file), same[[i]])) cat("changed:", i, "\\n")
}
refused <- %s
for (i in seq_along(refused)) {
  told <- tryCatch({ plain_json(refused[[i]]); "kept" }, error = conditionMessage)
  if (!grepl("cannot be kept without keeping code", told)) cat("kept:", i, told, "\\n")
}
"""


def test_plain_data_come_back_and_code_is_refused(r: None, tmp_path: Path) -> None:
    script = tmp_path / "script.R"
    script.write_text(SCRIPT % (SAME, REFUSED), encoding="utf-8")
    done = subprocess.run(
        [interpreter(), "--vanilla", str(script), str(MAIN.parent)],
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
