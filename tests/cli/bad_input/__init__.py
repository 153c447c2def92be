"""Bad input is refused in one clear line, with the documented exit code and without a write."""
