"""A page of HTML in one file: a head, decisions, pictures, a table, and a story for each row.

`page.py` says what a page is, `document.py` writes it, and the other modules fill it. A page loads
nothing: its style, its scripts and its data are in the file.
"""
