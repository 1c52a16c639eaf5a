from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models

from common.models import TimeStampedModel
from venues.models import Venue


class Booking(TimeStampedModel):
    class Status(models.TextChoices):
        HELD = "held", "Held"
        CONFIRMED = "confirmed", "Confirmed"

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="bookings")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookings"
    )
    day = models.DateField()
    guests = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.HELD)
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return f"{self.venue} on {self.day}"
