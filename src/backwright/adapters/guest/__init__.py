"""Programs that run inside the project's own interpreter, by path: standard library only, Python 3.8 and later.

They are never imported by us. `python_probe` tells what an interpreter would import; `alembic_session` moves a scratch
database up and down and keeps every other database out of reach.
"""
