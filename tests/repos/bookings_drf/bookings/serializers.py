from rest_framework import serializers

from bookings.models import Booking


class BookingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Booking
        fields = ["id", "venue", "owner", "day", "guests", "status", "note", "created_at"]
        read_only_fields = ["owner"]
