"""Views: plans and reports as text or JSON, and progress as it happens. They decide nothing."""
