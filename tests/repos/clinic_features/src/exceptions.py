from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException


class AppError(Exception):
    """Base of the errors that clients see. Features subclass one of those below and say what happened."""

    STATUS_CODE = HTTPStatus.INTERNAL_SERVER_ERROR
    CODE = "internal_error"
    MESSAGE = "Something went wrong"


class NotFound(AppError):
    STATUS_CODE = HTTPStatus.NOT_FOUND
    CODE = "not_found"
    MESSAGE = "Not found"


class Conflict(AppError):
    STATUS_CODE = HTTPStatus.CONFLICT
    CODE = "conflict"
    MESSAGE = "Conflict"


class NotAuthenticated(AppError):
    STATUS_CODE = HTTPStatus.UNAUTHORIZED
    CODE = "not_authenticated"
    MESSAGE = "Log in first"


class PermissionDenied(AppError):
    STATUS_CODE = HTTPStatus.FORBIDDEN
    CODE = "permission_denied"
    MESSAGE = "You may not do this"


def error_response(status_code: int, code: str, message: str, **extra: Any) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status_code == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse({"error": {"code": code, "message": message, **extra}}, status_code, headers)


async def handle_app_error(request: Request, exc: AppError) -> JSONResponse:
    return error_response(exc.STATUS_CODE, exc.CODE, exc.MESSAGE)


async def handle_validation_error(request: Request, exc: RequestValidationError) -> JSONResponse:
    fields = [{"field": ".".join(map(str, error["loc"])), "message": error["msg"]} for error in exc.errors()]
    return error_response(HTTPStatus.UNPROCESSABLE_ENTITY, "validation_error", "Request is not valid", fields=fields)


async def handle_http_exception(request: Request, exc: HTTPException) -> JSONResponse:
    return error_response(exc.status_code, HTTPStatus(exc.status_code).name.lower(), str(exc.detail))


def register_exception_handlers(app: FastAPI) -> None:
    app.exception_handler(AppError)(handle_app_error)
    app.exception_handler(RequestValidationError)(handle_validation_error)
    app.exception_handler(HTTPException)(handle_http_exception)
