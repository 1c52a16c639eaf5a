import random
import string

SUPERUSER_EMAIL = "admin@example.com"
USER_EMAIL = "user@example.com"


def random_lower_string() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=32))


def random_email() -> str:
    return f"{random_lower_string()}@example.com"
