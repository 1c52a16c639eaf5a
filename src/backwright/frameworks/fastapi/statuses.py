"""Statuses by the names that FastAPI gives them, where the house writes names."""

from __future__ import annotations

STATUS_NAMES = {
    201: "HTTP_201_CREATED",
    202: "HTTP_202_ACCEPTED",
    204: "HTTP_204_NO_CONTENT",
    403: "HTTP_403_FORBIDDEN",
    404: "HTTP_404_NOT_FOUND",
    409: "HTTP_409_CONFLICT",
    429: "HTTP_429_TOO_MANY_REQUESTS",
    503: "HTTP_503_SERVICE_UNAVAILABLE",
}
