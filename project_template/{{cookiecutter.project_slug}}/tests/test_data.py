"""The data are what the contract says; a model can only be as good as this."""


def test_data_meet_their_contract(contract, table):
    assert [violation.sentence for violation in contract.check(table)] == []


def test_model_never_sees_target_or_protected_columns(contract, project):
    assert not set(contract.features) & {project.model.target, *project.model.protected}


def test_project_and_contract_agree(contract, project):
    assert contract.target == project.model.target
    assert set(contract.protected) == set(project.model.protected)
    assert contract.row_key == project.dataset.row_key
