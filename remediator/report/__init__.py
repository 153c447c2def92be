"""Reports on one job, on several jobs, and on former runs. They are data without layout."""
