import random
import string


def random_lower_string() -> str:
    return "".join(random.choices(string.ascii_lowercase, k=32))


def random_email() -> str:
    return f"{random_lower_string()}@example.com"


def random_iban() -> str:
    return "XX" + "".join(random.choices(string.digits, k=20))
