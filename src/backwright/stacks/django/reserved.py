"""Names that no field of a Django model can have, though Python and other frameworks allow them."""

from __future__ import annotations

_OF_MODELS = frozenset(
    {
        *("adelete", "arefresh_from_db", "asave", "check", "clean", "clean_fields", "date_error_message", "delete"),
        *("from_db", "full_clean", "get_constraints", "get_deferred_fields", "objects", "prepare_database_save"),
        *("refresh_from_db", "save", "save_base", "serializable_value", "unique_error_message", "validate_constraints"),
        "validate_unique",
    }
)


def why_not_of_django(name: str) -> str:
    """Why a field of a model cannot have this name, `""` when it can."""
    return f"'{name}' hides what every model of Django has" if name in _OF_MODELS else ""
