from rest_framework.routers import DefaultRouter

from bookings.views import BookingViewSet

router = DefaultRouter()
router.register("bookings", BookingViewSet)

urlpatterns = router.urls
