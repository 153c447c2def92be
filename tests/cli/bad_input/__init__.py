"""What cannot be used is refused in one clear line, with the documented code and no write."""
