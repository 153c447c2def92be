"""Translations: one gettext catalogue per language, and how their texts are collected."""
