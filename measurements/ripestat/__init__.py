"""The one door to RIPEstat: what registries say of a country, and who announces what."""
