"""What can go wrong in the domain. `app.main` gives each error its HTTP status."""

from typing import ClassVar


class DomainError(Exception):
    code: ClassVar[str] = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFoundError(DomainError):
    code = "not_found"

    def __init__(self, entity: str, key: object) -> None:
        super().__init__(f"{entity} {key} not found")


class ConflictError(DomainError):
    code = "conflict"


class InvalidReferenceError(DomainError):
    code = "invalid_reference"

    def __init__(self, entity: str, key: object) -> None:
        super().__init__(f"{entity} {key} does not exist")


class AuthenticationError(DomainError):
    code = "unauthorized"


class PermissionDeniedError(DomainError):
    code = "forbidden"
