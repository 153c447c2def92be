"""Views: plan and report as text or JSON, progress as it happens. They decide nothing."""
