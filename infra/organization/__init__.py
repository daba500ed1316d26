"""The organization program, optional: who may sign in where, and what nobody may do anywhere."""
