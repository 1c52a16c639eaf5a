from rest_framework.routers import DefaultRouter

from venues.views import CityViewSet, VenueViewSet

router = DefaultRouter()
router.register("cities", CityViewSet)
router.register("venues", VenueViewSet)

urlpatterns = router.urls
