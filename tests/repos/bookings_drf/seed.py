"""An administrator and a plain user, for trying the API out."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402

users = get_user_model().objects
password = os.environ["SEED_PASSWORD"]
users.create_user("admin", password=password, is_staff=True)
users.create_user("user", password=password)
users.create_user("other", password=password)
