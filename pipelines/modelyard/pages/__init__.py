"""The house style of every HTML page: one frame, one style sheet, tables, plots, and words."""
