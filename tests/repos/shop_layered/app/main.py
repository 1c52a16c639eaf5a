from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from app.api.router import api_router
from app.errors import (
    AuthenticationError,
    ConflictError,
    DomainError,
    InvalidReferenceError,
    NotFoundError,
    PermissionDeniedError,
)

STATUS_CODES: dict[type[DomainError], int] = {
    AuthenticationError: 401,
    PermissionDeniedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InvalidReferenceError: 422,
}

app = FastAPI(title="Shop", version="0.4.0")
app.include_router(api_router)


@app.exception_handler(DomainError)
async def handle_domain_error(_request: Request, error: DomainError) -> JSONResponse:
    return JSONResponse(
        {"code": error.code, "detail": error.message},
        status_code=STATUS_CODES.get(type(error), 400),
        headers={"WWW-Authenticate": "Bearer"} if isinstance(error, AuthenticationError) else None,
    )


@app.exception_handler(IntegrityError)
async def handle_integrity_error(_request: Request, _error: IntegrityError) -> JSONResponse:
    """The database refused what two requests did at once, or the deletion of a row still in use."""
    return JSONResponse(
        {"code": "conflict", "detail": "The change conflicts with existing data"}, status_code=409
    )


@app.exception_handler(RequestValidationError)
async def handle_validation_error(_request: Request, error: RequestValidationError) -> JSONResponse:
    problems = [
        {"loc": [str(part) for part in item["loc"]], "msg": item["msg"], "type": item["type"]}
        for item in error.errors()
    ]
    return JSONResponse({"code": "validation_error", "detail": problems}, status_code=422)


@app.exception_handler(HTTPException)
async def handle_http_error(_request: Request, error: HTTPException) -> JSONResponse:
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    return JSONResponse(
        {"code": code, "detail": error.detail},
        status_code=error.status_code,
        headers=error.headers,
    )


@app.get("/health", tags=["health"])
async def health() -> dict[str, str]:
    return {"status": "ok"}
