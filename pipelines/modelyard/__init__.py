"""Governed model pipelines on Amazon SageMaker, from one project.yaml."""
