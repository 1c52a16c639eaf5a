from django.db import models


class TimeStampedModel(models.Model):
    """When a row was made, and when it was changed last."""

    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
