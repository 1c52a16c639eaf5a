"""What Django and Django REST framework do with models, querysets and serializers."""
