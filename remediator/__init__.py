"""Remediate failed Azure VM backups: diagnose, plan, apply, verify, report."""

__version__ = "0.1.0"
