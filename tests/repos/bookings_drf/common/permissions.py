from rest_framework import permissions


class IsAdminOrReadOnly(permissions.BasePermission):
    """Everybody may read, staff may write."""

    def has_permission(self, request, view):
        return request.method in permissions.SAFE_METHODS or bool(
            request.user and request.user.is_staff
        )


class IsOwnerOrReadOnly(permissions.BasePermission):
    """Everybody may read a row, its owner may change it."""

    def has_object_permission(self, request, view, obj):
        return request.method in permissions.SAFE_METHODS or obj.owner == request.user
