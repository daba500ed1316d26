"""Who may do what: persona documents, the evaluator that judges them, and the proof."""
