"""What this model must get right; `make test` runs the platform's checks of any model beside it."""


def test_model_tells_rows_apart(model, rows):
    """Put your own claims here, such as: more debt never makes an approval likelier."""
    assert len({str(answer) for answer in model.predict(rows)}) > 1
