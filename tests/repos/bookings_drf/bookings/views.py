from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import filters, permissions, viewsets

from bookings.models import Booking
from bookings.serializers import BookingSerializer
from common.permissions import IsOwnerOrReadOnly


class BookingViewSet(viewsets.ModelViewSet):
    queryset = Booking.objects.all()
    serializer_class = BookingSerializer
    permission_classes = [permissions.IsAuthenticatedOrReadOnly, IsOwnerOrReadOnly]
    filter_backends = [DjangoFilterBackend, filters.OrderingFilter]
    filterset_fields = ["venue", "status"]
    ordering_fields = ["day", "guests"]

    def perform_create(self, serializer):
        serializer.save(owner=self.request.user)
