"""Completes the generated folder in the platform's interpreter; the answers are checked by now."""

import json
import subprocess
import sys

ANSWERS = json.loads({{ cookiecutter.__answers | tojson }})
SCRIPT = ANSWERS["template"] + "/new_project.py"

sys.exit(
    subprocess.run(
        [ANSWERS["python"], SCRIPT, "complete"], input=json.dumps(ANSWERS), text=True
    ).returncode
)
