"""Metrics over time: samples, bins, and statistics across vantage points."""
