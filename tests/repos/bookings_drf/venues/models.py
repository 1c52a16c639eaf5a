from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from common.models import TimeStampedModel


class City(TimeStampedModel):
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "cities"

    def __str__(self):
        return self.name


class Venue(TimeStampedModel):
    class Kind(models.TextChoices):
        HALL = "hall", "Hall"
        CLUB = "club", "Club"
        STADIUM = "stadium", "Stadium"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.HALL)
    seats = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="venues")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["city", "name"], name="unique_venue_in_city")
        ]

    def __str__(self):
        return self.name
