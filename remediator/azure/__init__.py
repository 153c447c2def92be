"""The only package that imports `azure.*`: clients, Reader, Writer, rate limit, operations."""
