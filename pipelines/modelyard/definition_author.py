"""Writes the build pipeline in the SageMaker SDK's words: the only module that imports the SDK.

It takes seconds to import, and only authors of pipelines have the SDK.
"""

import json
from typing import Any

from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.network import NetworkConfig
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import (
    OutputDataConfig,
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
    StoppingCondition,
)
from sagemaker.core.training.configs import Compute, InputData, Networking
from sagemaker.core.workflow.conditions import ConditionEquals
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterString
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.pipeline_definition_config import PipelineDefinitionConfig
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.train import ModelTrainer

from modelyard.definition import PARAMETERS, job_name, pipeline_name
from modelyard.functions import job_contract as jobs
from modelyard.functions.instances import has_local_disk
from modelyard.functions.job_contract import INPUT, JOB_ROOT, OUTPUT
from modelyard.project import Project
from modelyard.training_record import HASH_SEED


class Author:
    """Writes one project's steps in the SDK's words."""

    def __init__(self, project: Project, boto_session: Any) -> None:
        self.project = project
        self.facts = {name: ParameterString(name=name) for name in PARAMETERS}
        # A named bucket spares the SDK asking AWS for the account's default one.
        self.session = PipelineSession(boto_session=boto_session, default_bucket="unused")

    def definition(self) -> dict[str, Any]:
        prepare = self._prepare()
        train = self._train(prepare)
        evaluate, report = self._evaluate(prepare, train)
        pipeline = Pipeline(
            name=pipeline_name(self.project),
            parameters=list(self.facts.values()),
            pipeline_experiment_config=None,
            steps=[prepare, train, evaluate, self._gate(evaluate, report)],
            sagemaker_session=self.session,
            pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
        )
        return json.loads(pipeline.definition())

    def _prepare(self) -> Any:
        dataset = self.project.dataset
        inputs = [self._input("data", self.facts["DataUri"])]
        if dataset.pseudonymise:
            inputs.append(self._input(jobs.KEY_FOLDER, self._key_uri()))
        variables = {jobs.RUN_TIME: self._started()} if dataset.retained_from else {}
        arguments = self._processor(jobs.PREPARE, **variables).run(
            inputs=inputs,
            outputs=[
                *(
                    self._output(name, self._run_uri("ArtifactsBucket", "prepare", name))
                    for name in jobs.PREPARED
                ),
                self._output(jobs.NOBODY, self._nobody_uri()),
                # Continuous: rows that broke the contract must survive the job they fail.
                self._output("quarantine", self._quarantine_uri(), mode="Continuous"),
            ],
            arguments=list(jobs.ARGUMENTS[jobs.PREPARE]),
        )
        return ProcessingStep(name=jobs.PREPARE, step_args=arguments)

    def _train(self, prepare: Any) -> Any:
        training = self.project.training
        trainer = ModelTrainer(
            sagemaker_session=self.session,
            # The SDK takes no parameter for a trainer's role; `render` puts it in.
            role="arn:aws:iam::000000000000:role/replaced",
            base_job_name=job_name(self.project, jobs.TRAIN),
            training_image=self.facts["ImageUri"],
            compute=Compute(
                instance_type=training.instance_type,
                instance_count=1,
                volume_size_in_gb=training.volume_gb,
                **({} if self._local_disk else {"volume_kms_key_id": self.facts["KeyArn"]}),
            ),
            networking=Networking(
                subnets=[self.facts["SubnetA"], self.facts["SubnetB"]],
                security_group_ids=[self.facts["SecurityGroup"]],
                enable_network_isolation=True,
                enable_inter_container_traffic_encryption=True,
            ),
            stopping_condition=StoppingCondition(
                max_runtime_in_seconds=training.max_runtime_minutes * 60
            ),
            output_data_config=OutputDataConfig(
                s3_output_path=self._run_uri("ArtifactsBucket", "train"),
                kms_key_id=self.facts["KeyArn"],
            ),
            environment=self._environment(
                SM_MODEL_DIR=f"{JOB_ROOT}/model",
                SM_INPUT_CONFIG_DIR=f"{JOB_ROOT}/input/config",
                SM_CHANNEL_TRAIN=f"{JOB_ROOT}/input/data/train",
                SM_CHANNEL_VALIDATION=f"{JOB_ROOT}/input/data/validation",
            ),
            hyperparameters=dict(training.hyperparameters),
        )
        channels = [
            InputData(channel_name=name, data_source=_output_of(prepare, name))
            for name in jobs.CHANNELS
        ]
        return TrainingStep(name=jobs.TRAIN, step_args=trainer.train(input_data_config=channels))

    def _evaluate(self, prepare: Any, train: Any) -> tuple[Any, Any]:
        report = PropertyFile(
            name=jobs.EVALUATION, output_name=jobs.EVALUATION, path="evaluation.json"
        )
        inputs = {name: _output_of(prepare, name) for name in jobs.JUDGED if name != "model"}
        inputs["model"] = train.properties.ModelArtifacts.S3ModelArtifacts
        inputs[jobs.CHAMPION] = self.facts["ChampionUri"]
        arguments = self._processor(jobs.EVALUATE).run(
            inputs=[self._input(name, uri) for name, uri in sorted(inputs.items())],
            outputs=[
                self._output(jobs.EVALUATION, self._run_uri("ArtifactsBucket", jobs.EVALUATION))
            ],
            arguments=list(jobs.ARGUMENTS[jobs.EVALUATE]),
        )
        step = ProcessingStep(name=jobs.EVALUATE, step_args=arguments, property_files=[report])
        return step, report

    def _gate(self, evaluate: Any, report: Any) -> Any:
        def reported(path: str) -> Any:
            return JsonGet(step_name=evaluate.name, property_file=report, json_path=path)

        register = LambdaStep(
            name=jobs.REGISTER,
            lambda_func=Lambda(function_arn=self.facts["RegistrarFunction"]),
            inputs={"execution_arn": ExecutionVariables.PIPELINE_EXECUTION_ARN},
            outputs=[LambdaOutput(output_name="model_package_arn")],
        )
        unmet = FailStep(
            name=jobs.GATE_UNMET,
            error_message=Join(on=" ", values=["gate unmet:", reported("gates.sentence")]),
        )
        return ConditionStep(
            name=jobs.GATE,
            conditions=[ConditionEquals(left=reported("gates.passed"), right=1)],
            if_steps=[register],
            else_steps=[unmet],
        )

    def _processor(self, step: str, **variables: Any) -> Any:
        training = self.project.training
        return Processor(
            role=self.facts["PipelineRole"],
            image_uri=self.facts["ImageUri"],
            entrypoint=list(jobs.ENTRYPOINTS[step]),
            instance_count=1,
            instance_type=training.instance_type,
            volume_size_in_gb=training.volume_gb,
            volume_kms_key=None if self._local_disk else self.facts["KeyArn"],
            output_kms_key=self.facts["KeyArn"],
            max_runtime_in_seconds=training.max_runtime_minutes * 60,
            base_job_name=job_name(self.project, step),
            sagemaker_session=self.session,
            env=self._environment(**variables),
            network_config=NetworkConfig(
                enable_network_isolation=True,
                encrypt_inter_container_traffic=True,
                subnets=[self.facts["SubnetA"], self.facts["SubnetB"]],
                security_group_ids=[self.facts["SecurityGroup"]],
            ),
        )

    def _environment(self, **variables: Any) -> dict[str, Any]:
        commit = self.facts["CodeCommit"]
        return {
            jobs.CODE_COMMIT: commit,
            "SM_OUTPUT_DIR": f"{JOB_ROOT}/output",
            # Python reads it when it starts: the order of sets is the same in every run.
            HASH_SEED: "0",
            **variables,
        }

    @property
    def _local_disk(self) -> bool:
        return has_local_disk(self.project.training.instance_type)

    def _input(self, name: str, uri: Any) -> Any:
        source = ProcessingS3Input(
            s3_uri=uri,
            local_path=f"{INPUT}/{name}",
            s3_data_type="S3Prefix",
            s3_input_mode="File",
        )
        return ProcessingInput(input_name=name, s3_input=source)

    def _output(self, name: str, uri: Any, mode: str = "EndOfJob") -> Any:
        target = ProcessingS3Output(s3_uri=uri, local_path=f"{OUTPUT}/{name}", s3_upload_mode=mode)
        return ProcessingOutput(output_name=name, s3_output=target)

    def _run_uri(self, bucket: str, *folders: str) -> Any:
        return self._uri(bucket, "runs", *folders)

    def _started(self) -> Any:
        return ExecutionVariables.START_DATETIME

    def _key_uri(self) -> Any:
        return Join(on="/", values=["s3:/", self.facts["ArtifactsBucket"], jobs.KEY_PREFIX])

    def _nobody_uri(self) -> Any:
        return Join(on="/", values=["s3:/", self.facts["ArtifactsBucket"], "runs", jobs.NOBODY])

    def _quarantine_uri(self) -> Any:
        return self._uri("RawBucket", "quarantine")

    def _uri(self, bucket: str, folder: str, *folders: str) -> Any:
        execution = ExecutionVariables.PIPELINE_EXECUTION_ID
        return Join(on="/", values=["s3:/", self.facts[bucket], folder, execution, *folders])


def _output_of(step: Any, name: str) -> Any:
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri
