"""Rules about errors: what is caught, raised and told."""
