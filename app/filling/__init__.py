"""Percentages the program works out."""
