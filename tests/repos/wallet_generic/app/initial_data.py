import logging
import sys

from app.core.config import settings
from app.db.init_db import init_db
from app.db.session import SessionLocal

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger(__name__)


def main() -> None:
    if not settings.FIRST_SUPERUSER_PASSWORD:
        sys.exit("FIRST_SUPERUSER_PASSWORD is not set")
    logger.info("Creating initial data")
    with SessionLocal() as db:
        init_db(db, settings.FIRST_SUPERUSER, settings.FIRST_SUPERUSER_PASSWORD)
    logger.info("Initial data created")


if __name__ == "__main__":
    main()
