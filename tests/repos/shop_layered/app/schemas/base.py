from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

ItemT = TypeVar("ItemT")


def _no_nul(value: str) -> str:
    if "\x00" in value:  # PostgreSQL cannot store it
        raise ValueError("must not contain NUL characters")
    return value


Text = Annotated[str, AfterValidator(_no_nul)]


def reject_null(value: object) -> object:
    """For the fields of an update that may be left out but not be emptied."""
    if value is None:
        raise ValueError("must not be null")
    return value


class ReadSchema(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[ItemT]):
    items: list[ItemT]
    total: int
    limit: int
    offset: int


class Problem(BaseModel):
    """The body of every error answer."""

    code: str
    detail: str | list[dict[str, object]]
