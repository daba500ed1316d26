"""The model code of {{ cookiecutter.project_name }}: all that this team maintains."""
