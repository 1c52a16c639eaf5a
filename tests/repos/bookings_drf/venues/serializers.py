from rest_framework import serializers

from venues.models import City, Venue


class CitySerializer(serializers.ModelSerializer):
    class Meta:
        model = City
        fields = ["id", "name", "created_at", "updated_at"]


class VenueSerializer(serializers.ModelSerializer):
    class Meta:
        model = Venue
        fields = ["id", "name", "kind", "seats", "city", "created_at", "updated_at"]
