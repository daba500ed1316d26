"""Run by parliament's own interpreter: policies as JSON lines in, findings as JSON lines out."""

import json
import sys

from parliament import analyze_policy_string  # type: ignore[import-not-found]

for line in sys.stdin:
    asked = json.loads(line)
    policy = analyze_policy_string(json.dumps(asked["policy"]), asked["name"])
    for finding in policy.findings:
        told = {"name": asked["name"], "issue": finding.issue, "detail": finding.detail}
        print(json.dumps(told, default=str))
