"""Creates the first superuser: FIRST_SUPERUSER_PASSWORD=... python -m app.initial_data"""

import logging
import sys

from sqlmodel import Session

from app.core.config import settings
from app.core.db import engine, init_db

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger(__name__)


def main() -> None:
    if not settings.FIRST_SUPERUSER_PASSWORD:
        sys.exit("Set FIRST_SUPERUSER_PASSWORD")
    logger.info("Creating initial data")
    with Session(engine) as session:
        init_db(
            session,
            email=settings.FIRST_SUPERUSER,
            password=settings.FIRST_SUPERUSER_PASSWORD,
        )
    logger.info("Initial data created")


if __name__ == "__main__":
    main()
